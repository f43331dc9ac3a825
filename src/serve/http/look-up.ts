import type { Collection, ReadQuery } from '../store/store.ts'
import { invalidRequest } from './errors.ts'

/**
 * Whose profile a path asks for: `<type>:<value>`, whose value may hold colons itself, or an id.
 *
 * @throws {ApiError} the type or the value is missing
 */
export function parseLookUp(written: string): ReadQuery['by'] {
  const colon = written.indexOf(':')
  const isWhole = colon === -1 ? written !== '' : colon > 0 && colon < written.length - 1
  if (!isWhole) throw invalidRequest('A profile is asked for by `<type>:<value>`, or by its id.')
  if (colon === -1) return { id: written }
  return { type: written.slice(0, colon), value: written.slice(colon + 1) }
}

const plainId = /^[\w-]+$/

/** The path of one resource of a profile, by the id it has now. */
export function resourceUrl(space: string, collection: Collection, id: string, resource: string): string {
  if (plainId.test(id)) return `/v1/spaces/${space}/collections/${collection}/profiles/${id}/${resource}`
  // The id of an account is anything its events say: with a colon in it, it would be taken for an identifier.
  const type = id.includes(':') ? 'group_id:' : ''
  const profile = `${type}${encodeURIComponent(id.replace(/\p{Surrogate}/gu, '\uFFFD'))}`
  return `/v1/spaces/${space}/collections/${collection}/profiles/${profile}/${resource}`
}
