import type { Collection, FoundProfile, Part } from '../../store/store.ts'

/** What one answer is about. */
export interface Subject {
  readonly collection: Collection
  readonly found: FoundProfile
  /** Of this resource. */
  readonly url: string
  /** The instant that what is served was computed for. */
  readonly asOf: string
}

/** One of the last words of a path. `Query` is what the server makes of its parameters, once they are valid. */
export interface Resource<Query> {
  readonly name: string
  readonly summary: string
  /** JSON Schemas of the parameters, and of the body. */
  readonly query: Readonly<Record<keyof Query, object>>
  readonly answer: object
  parts(query: Query): readonly Part[]
  /** How many of the linked profiles are needed. */
  linked?(query: Query): number
  /** JSON, joined from what the store holds as such. */
  body(query: Query, subject: Subject): string
}

export function limitParameter(maximum: number): object {
  return { type: 'integer', minimum: 1, maximum, default: 10, description: 'How many at most.' }
}

export const nextParameter = {
  type: 'string',
  description: '`next` of the cursor of the page before this one.',
}

export const verboseParameter = {
  type: 'boolean',
  default: false,
  description: 'Also tells where what is shown came from.',
}

export const cursorSchema = {
  type: 'object',
  required: ['url', 'has_more', 'next', 'limit'],
  additionalProperties: false,
  properties: {
    url: { type: 'string', description: 'This resource, by the id of the profile.' },
    has_more: { type: 'boolean' },
    next: { type: 'string', description: 'Empty on the last page.' },
    limit: { type: 'integer' },
  },
}
