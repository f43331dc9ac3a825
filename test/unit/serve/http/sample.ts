import {
  eventsPart,
  externalIdsPart,
  linksPart,
  metadataPart,
  type ServedIdentifier,
  type ServedTrait,
  traitClassesPart,
  traitSourcesPart,
  traitsPart,
} from '../../../../src/serve/store/documents.ts'
import type { Collection, Identifier, ProfileDocument } from '../../../../src/serve/store/store.ts'

export const asOf = '2026-06-01T00:00:00.000000Z'

/** What paths, JSON and prototypes may stumble over; all lead to `use_ann`. */
export const hostile: readonly Identifier[] = [
  { type: 'email', value: 'Ann+Shop@Example.org' },
  { type: 'user_id', value: 'a:b:c' },
  { type: 'user_id', value: '../a/b\\c' },
  { type: 'user_id', value: '100%' },
  { type: 'user_id', value: '%41' },
  { type: 'user_id', value: 'Ünïcødé 😀' },
  { type: 'user_id', value: 'nul\0nul' },
  { type: 'user_id', value: '?limit=1#x' },
  { type: 'user_id', value: '__proto__' },
  { type: '__proto__', value: 'constructor' },
  { type: 'anonymous_id', value: ' ' },
  { type: 'anonymous_id', value: 'x'.repeat(1500) },
]

const custom: readonly ServedTrait[] = Array.from({ length: 210 }, (_, index) => ({
  name: `c${String(index).padStart(3, '0')}`,
  class: 'trait',
  value: index,
  source: { id: 'src1', updatedAt: '2026-05-01T10:00:00.000000Z' },
}))

/** `ab c` stands before `ab"` as text, and behind it as JSON text. */
export const annTraits: readonly ServedTrait[] = [
  ...custom,
  { name: '__proto__', class: 'trait', value: { a: [1, null, 'x\ty'] } },
  { name: 'ab c', class: 'computed_trait', value: 120.5 },
  { name: 'ab"', class: 'computed_trait', value: '"quoted"\n' },
  { name: 'ab', class: 'computed_trait', value: [] },
  { name: 'größe 😀', class: 'computed_trait', value: null },
  { name: 'dormant', class: 'audience', value: true },
  { name: 'vip', class: 'audience', value: true },
]

function seen(each: Identifier, index: number): ServedIdentifier {
  const minute = String(Math.floor(index / 2)).padStart(2, '0')
  return {
    ...each,
    key: `k${String(index).padStart(3, '0')}`,
    sourceId: 'src1',
    // Two at each instant: the key decides.
    createdAt: `2026-05-01T10:${minute}:00.000000Z`,
    firstMessageId: `m-${index}`,
    segmentId: 'use_old',
  }
}

const events = Array.from({ length: 105 }, (_, index) => ({
  key: `e${String(index).padStart(3, '0')}`,
  timestamp: `2026-05-${20 + Math.floor(index / 15)}T0${Math.floor((index % 15) / 3)}:00:00.000000Z`,
  event: ['Order Completed', 'Product Viewed', 'a"b, c'][index % 3] ?? '',
  messageId: `m-${index}`,
  sourceId: 'src1',
  externalIds: [
    { type: 'user_id', id: 'a:b:c' },
    { type: 'group_id', id: 'acme' },
  ],
  context: { page: { url: '/\t' } },
  properties: { revenue: index },
}))

const metadata = {
  createdAt: '2026-01-01T00:00:00.000000Z',
  updatedAt: '2026-05-31T00:00:00.000000Z',
  firstMessageId: 'm-0',
  firstSourceId: 'src1',
  lastMessageId: 'm-9',
  lastSourceId: 'src2',
  formerIds: ['use_old'],
}

export const accountIds = [
  'acme',
  'eu:acme/1 ü',
  ...Array.from({ length: 22 }, (_, index) => `account_${index}`),
]

const ann: ProfileDocument = {
  id: 'use_ann',
  formerIds: ['use_old'],
  identifiers: hostile,
  parts: {
    traits: traitsPart(annTraits),
    trait_classes: traitClassesPart(annTraits),
    trait_sources: traitSourcesPart(annTraits),
    external_ids: externalIdsPart('users', hostile.map(seen)),
    events: eventsPart('users', 'use_ann', events),
    metadata: metadataPart(metadata),
    links: linksPart(['not_served', ...accountIds]),
  },
}

/** Of whom nothing is known. */
const bare: ProfileDocument = {
  id: 'use_bare',
  formerIds: [],
  identifiers: [{ type: 'email', value: 'bare@example.org' }],
  parts: {},
}

function account(id: string): ProfileDocument {
  const identifiers = [{ type: 'group_id', value: id }]
  return {
    id,
    formerIds: [],
    identifiers,
    parts: {
      traits: traitsPart([{ name: 'seats', class: 'computed_trait', value: 3 }]),
      external_ids: externalIdsPart('accounts', identifiers.map(seen)),
      links: linksPart(['use_ann']),
    },
  }
}

export const documents: readonly (readonly [Collection, ProfileDocument])[] = [
  ['users', ann],
  ['users', bare],
  ...accountIds.map((id) => ['accounts', account(id)] as const),
]
