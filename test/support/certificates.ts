import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificates {
  readonly folder: string
  /** The file of this name in the folder. */
  file(name: string): string
  text(name: string): string
}

/** An authority (`ca.crt`), a server of the name `localhost` and a client of the name `certified`, both signed by it, and a stranger. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'personas-certificates-'))
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  }
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  for (const name of ['ca', 'stranger']) {
    openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`)
  }
  const signed = (name: string, subject: string, ...more: readonly string[]): void => {
    openssl(
      'req',
      ...key,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${subject}`,
      ...more,
    )
    const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy']
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.crt`)
  }
  signed('server', 'localhost', '-addext', 'subjectAltName=DNS:localhost')
  signed('client', 'certified')
  return {
    folder,
    file: (name) => join(folder, name),
    text: (name) => readFileSync(join(folder, name), 'utf8'),
  }
}
