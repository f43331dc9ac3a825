import { invalidRequest } from './errors.ts'

/**
 * Where the next page begins: the sort key of the last line of this one, so that it holds whatever is published between
 * the two.
 *
 * @param key JSON texts of the key's members
 */
export function cursorOf(resource: string, key: string): string {
  return Buffer.from(`["${resource}",${key}]`).toString('base64url')
}

/**
 * @returns the members of the key, or undefined where no cursor was given
 * @throws {ApiError} it is none of this resource
 */
export function parseCursor(
  resource: string,
  members: number,
  written: string | undefined,
): readonly string[] | undefined {
  if (written === undefined || written === '') return undefined
  const [of, ...key] = textsOf(written)
  if (of !== resource || key.length !== members) throw invalidRequest('`next` is no cursor of this resource.')
  return key
}

function textsOf(written: string): readonly string[] {
  const bytes = Buffer.from(written, 'base64url')
  // What is not base64url is passed over when read, so it is compared with what was given.
  if (bytes.toString('base64url') !== written) return []
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : []
  } catch {
    return []
  }
}

/** How a page ends: as `"cursor":…` of a body. */
export function cursorMember(of: {
  readonly url: string
  readonly limit: number
  /** Undefined on the last page. */
  readonly next: string | undefined
}): string {
  const { url, limit, next } = of
  return `"cursor":{"url":${JSON.stringify(url)},"has_more":${next !== undefined},"next":"${next ?? ''}","limit":${limit}}`
}
