/**
 * Parts are lines, so that a server finds what is asked for without reading the rest. A line is made of columns with a tab
 * between them, and every column is JSON text or an instant: neither holds a tab or the end of a line. `traits` are what most ask
 * for, and so they are what is answered: members of an object, each but the last with a comma before the end of its line.
 *
 * | part | columns | order |
 * | --- | --- | --- |
 * | `traits` | member `"name":value` | name |
 * | `trait_classes` | one line: the first letter of the class of each trait | name |
 * | `trait_sources` | name, members `"source_id":…,"updated_at":…`; of custom traits | name |
 * | `external_ids` | instant it was first seen, key, type, object, members that `verbose` adds | instant, key |
 * | `events` | instant, key, event name, object | instant, key |
 * | `metadata` | object, members that `verbose` adds; one line | |
 * | `links` | id of a profile of the other collection, see `linksPart` | as told |
 *
 * Instants are `2026-01-31T10:00:00.000000Z`. Names are compared by their code units.
 */

export const traitClasses = ['trait', 'computed_trait', 'audience'] as const
/** `trait` is one that calls brought. */
export type TraitClass = (typeof traitClasses)[number]

export interface ServedTrait {
  readonly name: string
  readonly class: TraitClass
  readonly value: unknown
  /** Of a custom trait: who brought it, and when. */
  readonly source?: { readonly id: string; readonly updatedAt: string }
}

export interface ServedIdentifier {
  readonly type: string
  readonly value: string
  readonly key: string
  readonly sourceId: string
  readonly createdAt: string
  readonly firstMessageId: string
  /** The profile it was first linked to. */
  readonly segmentId: string
}

export interface ServedEvent {
  readonly key: string
  readonly timestamp: string
  readonly event: string
  readonly messageId: string
  readonly sourceId: string
  readonly externalIds: readonly { readonly type: string; readonly id: string }[]
  readonly context: Readonly<Record<string, unknown>>
  readonly properties: Readonly<Record<string, unknown>>
}

export interface ServedMetadata {
  readonly createdAt: string | null
  readonly updatedAt: string | null
  readonly firstMessageId: string | null
  readonly firstSourceId: string | null
  readonly lastMessageId: string | null
  readonly lastSourceId: string | null
  /** Ids of the profiles that merged into it. */
  readonly formerIds: readonly string[]
}

/** Between two members of the part `traits`; no JSON text holds it. */
export const betweenTraits = ',\n'

export function traitsPart(traits: readonly ServedTrait[]): string {
  return sorted(traits)
    .map(({ name, value }) => `${JSON.stringify(name)}:${JSON.stringify(value ?? null)}`)
    .join(betweenTraits)
}

export function traitClassesPart(traits: readonly ServedTrait[]): string {
  return sorted(traits)
    .map(({ class: of }) => of[0])
    .join('')
}

export function traitSourcesPart(traits: readonly ServedTrait[]): string {
  return joined(
    sorted(traits).flatMap(({ name, source }) =>
      source === undefined
        ? []
        : [[JSON.stringify(name), members({ source_id: source.id, updated_at: source.updatedAt })]],
    ),
  )
}

export function externalIdsPart(
  collection: 'users' | 'accounts',
  identifiers: readonly ServedIdentifier[],
): string {
  return joined(
    identifiers
      .map((each) => [
        each.createdAt,
        each.key,
        JSON.stringify(each.type),
        JSON.stringify({
          collection,
          type: each.type,
          id: each.value,
          encoding: 'none',
          source_id: each.sourceId,
          created_at: each.createdAt,
          first_message_id: each.firstMessageId,
        }),
        members({ segment_id: each.segmentId }),
      ])
      .sort(byInstantAndKey),
  )
}

export function eventsPart(
  collection: 'users' | 'accounts',
  profile: string,
  events: readonly ServedEvent[],
): string {
  return joined(
    events
      .map((each) => [
        each.timestamp,
        each.key,
        JSON.stringify(each.event),
        JSON.stringify({
          external_ids: each.externalIds.map(({ type, id }) => ({
            collection: type === 'group_id' ? 'accounts' : 'users',
            type,
            id,
            encoding: 'none',
          })),
          type: 'track',
          event: each.event,
          message_id: each.messageId,
          source_id: each.sourceId,
          timestamp: each.timestamp,
          context: each.context,
          properties: each.properties,
          related: { [collection]: profile },
        }),
      ])
      .sort(byInstantAndKey),
  )
}

export function metadataPart(metadata: ServedMetadata): string {
  return joined([
    [
      JSON.stringify({
        created_at: metadata.createdAt,
        updated_at: metadata.updatedAt,
        expires_at: null,
        first_message_id: metadata.firstMessageId,
        first_source_id: metadata.firstSourceId,
        last_message_id: metadata.lastMessageId,
        last_source_id: metadata.lastSourceId,
      }),
      members({ merged_segment_ids: metadata.formerIds }),
    ],
  ])
}

/** An id stands as it is; as JSON text where it would break the line, or look like JSON text, or where not every store takes it. */
export function linksPart(ids: readonly string[]): string {
  return joined(ids.map((id) => [/^$|^"|[\t\n\0]|\p{Surrogate}/u.test(id) ? JSON.stringify(id) : id]))
}

/** Ids of the profiles that a part `links` leads to. */
export function linkedIds(part: string | undefined): readonly string[] {
  return linesOf(part).map(([id = '']) => (id.startsWith('"') ? String(JSON.parse(id)) : id))
}

/** Columns of each line of a part. */
export function linesOf(part: string | undefined): readonly (readonly string[])[] {
  return part === undefined || part === '' ? [] : part.split('\n').map((line) => line.split('\t'))
}

/** Those of an object, without its braces: they go behind the members of another one. */
function members(object: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(object).slice(1, -1)
}

function joined(lines: readonly (readonly string[])[]): string {
  return lines.map((columns) => columns.join('\t')).join('\n')
}

function sorted(traits: readonly ServedTrait[]): readonly ServedTrait[] {
  return [...traits].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function byInstantAndKey(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [`${a[0]}\t${a[1]}`, `${b[0]}\t${b[1]}`]
  return left < right ? -1 : left > right ? 1 : 0
}
