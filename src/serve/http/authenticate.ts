import type { FastifyRequest } from 'fastify'
import type { ProfileReader } from '../store/store.ts'
import { isToken, tokenHash } from '../token.ts'
import { ApiError } from './errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose token came with it; undefined until that is known. */
    tokenName: string | undefined
  }
}

/** Each caller sends one header again and again. */
const mostHeaders = 256

/**
 * HTTP Basic, the token as user name and no password. The store is asked each time, so that a token that is revoked is
 * refused from then on; only the hashing is spared.
 */
export function authenticate(reader: ProfileReader): (request: FastifyRequest) => Promise<void> {
  const hashes = new Map<string, string>()
  return async (request) => {
    const { authorization } = request.headers
    const hash = authorization === undefined ? undefined : hashOf(authorization, hashes)
    const name = hash === undefined ? undefined : await reader.tokenName(hash)
    if (name === undefined) throw refused()
    request.tokenName = name
  }
}

function refused(): ApiError {
  return new ApiError(401, 'authentication_error', 'A valid access token is needed as user name.', {
    'www-authenticate': 'Basic realm="personas", charset="UTF-8"',
  })
}

/** The least recently used goes when there are too many. */
function hashOf(header: string, hashes: Map<string, string>): string | undefined {
  const known = hashes.get(header)
  if (known !== undefined) {
    // Who was used last matters only where somebody has to go.
    if (hashes.size === mostHeaders) {
      hashes.delete(header)
      hashes.set(header, known)
    }
    return known
  }
  const token = tokenOf(header)
  if (token === undefined) return undefined
  const hash = tokenHash(token)
  hashes.set(header, hash)
  if (hashes.size > mostHeaders) {
    for (const oldest of hashes.keys()) {
      hashes.delete(oldest)
      break
    }
  }
  return hash
}

function tokenOf(header: string): string | undefined {
  const encoded = /^basic +([\w+/=-]+)$/i.exec(header)?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('latin1')
  const token = text.endsWith(':') ? text.slice(0, -1) : ''
  return isToken(token) ? token : undefined
}
