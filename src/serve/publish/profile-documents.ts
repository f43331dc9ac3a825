import type { Row } from '../../adapters/adapter.ts'
import type { EventLayout } from '../../compiler/serving/event-layouts.ts'
import type { ServedColumn } from '../../compiler/serving/served-traits.ts'
import type { Entity } from '../../definitions/definitions.ts'
import { readRowText, readRowTexts, readTexts } from '../../ir/row-text.ts'
import { valueOfText } from '../../ir/value-text.ts'
import {
  eventsPart,
  externalIdsPart,
  linksPart,
  metadataPart,
  type ServedEvent,
  type ServedIdentifier,
  type ServedTrait,
  traitClassesPart,
  traitSourcesPart,
  traitsPart,
} from '../store/documents.ts'
import type { Collection, Identifier, Part, ProfileDocument } from '../store/store.ts'
import { eventValues } from './event-values.ts'
import { instantOfMicros } from './instant.ts'

export interface Reading {
  readonly entity: Entity
  readonly columns: readonly ServedColumn[]
  readonly layouts: readonly EventLayout[]
}

export const collections: Readonly<Record<Entity, Collection>> = { user: 'users', account: 'accounts' }

/** A row of the plan's select as what a store holds. */
export function profileDocument(reading: Reading, row: Row): ProfileDocument {
  const { entity } = reading
  const id = String(row.profile_id)
  const collection = collections[entity]
  const traits = servedTraits(reading, row)
  const formerIds = readTexts(row.former_ids)
  const { identifiers, first } = entity === 'user' ? userIdentifiers(row) : accountIdentifier(id, row)
  const last = callOf(readRowText(row.last_event))
  const parts: Record<Part, string> = {
    traits: traitsPart(traits),
    trait_classes: traitClassesPart(traits),
    trait_sources: traitSourcesPart(traits),
    external_ids: externalIdsPart(collection, identifiers),
    events: eventsPart(collection, id, servedEvents(reading, row)),
    metadata: metadataPart({
      createdAt: first?.at ?? null,
      updatedAt: last?.at ?? null,
      firstMessageId: first?.messageId ?? null,
      firstSourceId: first?.sourceId ?? null,
      lastMessageId: last?.messageId ?? null,
      lastSourceId: last?.sourceId ?? null,
      formerIds,
    }),
    links: linksPart(readTexts(row.links)),
  }
  return {
    id,
    formerIds,
    identifiers: identifiers.map(({ type, value }): Identifier => ({ type, value })),
    parts: Object.fromEntries(Object.entries(parts).filter(([, text]) => text !== '')),
  }
}

interface CallRef {
  readonly messageId: string
  readonly sourceId: string
  readonly at: string
}

function callOf([messageId, sourceId, at]: readonly (string | null)[]): CallRef | undefined {
  if (messageId == null || sourceId == null || at == null) return undefined
  return { messageId, sourceId, at: instantOfMicros(at) }
}

function servedTraits({ columns }: Reading, row: Row): readonly ServedTrait[] {
  const texts = readRowText(row.traits)
  const exits = new Set(readTexts(row.exits))
  const sources = new Map(
    readRowTexts(row.trait_sources).map(([name, id, at]) => [
      name,
      { id: id ?? '', updatedAt: instantOfMicros(at ?? '0') },
    ]),
  )
  return columns.flatMap(({ name, type, class: of }, index): ServedTrait[] => {
    const value = valueOfText(texts[index], type)
    if (value === null) return []
    // Of an audience that somebody never was in nothing is said.
    if (of === 'audience' && value === false && !exits.has(name)) return []
    const source = of === 'trait' ? sources.get(name) : undefined
    return [{ name, class: of, value, ...(source !== undefined && { source }) }]
  })
}

interface Identifiers {
  readonly identifiers: readonly ServedIdentifier[]
  /** The call that founded the profile. */
  readonly first: CallRef | undefined
}

function userIdentifiers(row: Row): Identifiers {
  const found = readRowTexts(row.external_ids)
    .map(([seq, type, value, key, at, messageId, sourceId, segmentId]) => ({
      seq: seq ?? '',
      identifier: {
        type: type ?? '',
        value: value ?? '',
        key: key ?? '',
        sourceId: sourceId ?? '',
        createdAt: instantOfMicros(at ?? '0'),
        firstMessageId: messageId ?? '',
        segmentId: segmentId ?? '',
      },
    }))
    .sort((a, b) => (a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : 0))
  const oldest = found[0]?.identifier
  return {
    identifiers: found.map(({ identifier }) => identifier),
    first: oldest && {
      messageId: oldest.firstMessageId,
      sourceId: oldest.sourceId,
      at: oldest.createdAt,
    },
  }
}

/** The group id is the account; one that only rows of a SQL trait name has no call. */
function accountIdentifier(id: string, row: Row): Identifiers {
  const first = callOf(readRowText(row.first_event))
  return {
    identifiers: [
      {
        type: 'group_id',
        value: id,
        key: 'group_id',
        sourceId: first?.sourceId ?? '',
        createdAt: first?.at ?? '',
        firstMessageId: first?.messageId ?? '',
        segmentId: id,
      },
    ],
    first,
  }
}

function servedEvents({ layouts }: Reading, row: Row): readonly ServedEvent[] {
  return readRowTexts(row.events).map(([messageId, sourceId, at, event, ids, layout, fields]) => ({
    key: JSON.stringify(`${sourceId}:${messageId}`),
    timestamp: instantOfMicros(at ?? '0'),
    event: event ?? '',
    messageId: messageId ?? '',
    sourceId: sourceId ?? '',
    externalIds: readRowTexts(ids).map(([type, id]) => ({ type: type ?? '', id: id ?? '' })),
    ...eventValues(layout == null ? undefined : layouts[Number(layout)], fields ?? null),
  }))
}
