import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { problem } from '../diagnostics/problem.ts'
import { WarehouseError } from './warehouse-error.ts'

export interface TlsSettings {
  readonly mode: string | undefined
  /** Files in PEM form. */
  readonly rootCertificate: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
}

/**
 * As in libpq: `require` encrypts without asking who answers, unless there is a root certificate; `verify-ca` wants a
 * certificate of a known authority, `verify-full` one that is of this host. `prefer` and no mode at all do not encrypt: to try
 * both would hide that it was not.
 *
 * @throws {WarehouseError} PSN4020 a file cannot be read
 */
export function postgresTls(address: string, settings: TlsSettings): boolean | ConnectionOptions | undefined {
  const { mode, rootCertificate, certificate, key } = settings
  const file = (name: 'sslrootcert' | 'sslcert' | 'sslkey', path: string | undefined): string | undefined =>
    path === undefined ? undefined : readPem(name, path)
  const files = (): ConnectionOptions => ({
    ca: file('sslrootcert', rootCertificate),
    cert: file('sslcert', certificate),
    key: file('sslkey', key),
  })
  const ofAnyHost = { checkServerIdentity: () => undefined }
  switch (mode) {
    case 'require':
      if (rootCertificate !== undefined) return { ...files(), ...ofAnyHost }
      return { ...files(), rejectUnauthorized: false }
    case 'no-verify':
      return { ...files(), rejectUnauthorized: false }
    case 'verify-ca':
      return { ...files(), ...ofAnyHost }
    case 'verify-full':
      return files()
    case 'disable':
      return false
    case undefined:
    case 'allow':
    case 'prefer':
      return undefined
    default: {
      const reason = `\`sslmode\` is \`${mode}\``
      throw new WarehouseError(problem('PSN4011', { address, reason }), { cause: undefined })
    }
  }
}

function readPem(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new WarehouseError(problem('PSN4020', { setting, path, reason }), { cause })
  }
}
