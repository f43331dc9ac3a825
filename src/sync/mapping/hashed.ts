import { createHash } from 'node:crypto'

/**
 * SHA-256 in hexadecimal of a text as ad platforms normalise it: e-mail addresses and other texts trimmed and in small
 * letters, phone numbers as their digits. A text that is such a hash already is left as it is.
 */
export function hashed(text: string, as: 'email' | 'phone' | 'text'): string {
  const trimmed = text.trim().normalize('NFC').toLowerCase()
  if (isHash(trimmed)) return trimmed
  const normal = as === 'phone' ? trimmed.replaceAll(/\D/g, '').replace(/^0+/, '') : trimmed
  return createHash('sha256').update(normal).digest('hex')
}

/** Whether a text is a hash already, and may not be normalised any more. */
export function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/i.test(text.trim())
}
