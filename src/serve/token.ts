import { createHash, randomBytes } from 'node:crypto'

/** A name that no log has to shorten or escape. */
export const tokenNameForm = /^[\w.-]{1,64}$/

const form = /^psn_[\w-]{43}$/

/** 256 random bits: nobody guesses one, so a plain hash of it is enough to know it by. */
export function newToken(): string {
  return `psn_${randomBytes(32).toString('base64url')}`
}

/** SHA-256 in hex. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

export function isToken(text: string): boolean {
  return form.test(text)
}
