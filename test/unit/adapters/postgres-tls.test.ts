import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAdapter } from '../../../src/adapters/open-adapter.ts'
import { WarehouseError } from '../../../src/adapters/warehouse-error.ts'
import type { PostgresTarget } from '../../../src/config/config.ts'
import { type Certificates, makeCertificates } from '../../support/certificates.ts'
import { type ServerOfItsOwn, serverOfItsOwn } from '../../support/postgres-binaries.ts'

let certificates: Certificates
let server: ServerOfItsOwn
beforeAll(async () => {
  certificates = makeCertificates()
  const files = Object.fromEntries(
    ['ca.crt', 'server.crt', 'server.key'].map((name) => [name, certificates.text(name)]),
  )
  server = await serverOfItsOwn({
    files,
    settings: ['ssl=on', 'ssl_cert_file=server.crt', 'ssl_key_file=server.key', 'ssl_ca_file=ca.crt'],
    hba: ['hostssl all certified all cert', 'hostnossl all only_secure all reject'],
  })
  const admin = await openAdapter(at({ sslmode: 'disable' }))
  await admin.execute('create role certified login')
  await admin.execute("create role only_secure login password 'secret'")
  await admin.close()
})
afterAll(async () => {
  await server?.stop()
  rmSync(certificates.folder, { recursive: true, force: true })
})

/** The certificate is of `localhost`, which is not the name the URL of the server has. */
function at(more: Partial<PostgresTarget>, change: (url: URL) => void = () => {}): PostgresTarget {
  const url = new URL(server.url)
  change(url)
  return { name: 'x', type: 'postgres', schema: 'x', workSchema: 'y', threads: 1, url: url.href, ...more }
}

async function isSecure(target: PostgresTarget): Promise<unknown> {
  const adapter = await openAdapter(target)
  try {
    const [row] = await adapter.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')
    return row?.ssl
  } finally {
    await adapter.close()
  }
}

async function refusal(target: PostgresTarget): Promise<WarehouseError> {
  const error = await isSecure(target).catch((thrown: unknown) => thrown)
  if (error instanceof WarehouseError) return error
  throw new Error(`it was not refused: ${String(error)}`)
}

const named = (url: URL): void => {
  url.hostname = 'localhost'
}

describe('encrypted connections to PostgreSQL', () => {
  test('disable, and no mode, do not encrypt; require does, whoever answers', async () => {
    expect(await isSecure(at({ sslmode: 'disable' }))).toBe(false)
    expect(await isSecure(at({}))).toBe(false)
    expect(await isSecure(at({ sslmode: 'require' }))).toBe(true)
  })

  test('verify-ca wants an authority that is known, verify-full the name as well', async () => {
    const sslrootcert = certificates.file('ca.crt')
    expect(await isSecure(at({ sslmode: 'verify-ca', sslrootcert }))).toBe(true)
    expect(await isSecure(at({ sslmode: 'verify-full', sslrootcert }, named))).toBe(true)
    const wrongName = await refusal(at({ sslmode: 'verify-full', sslrootcert }))
    expect([wrongName.code, wrongName.message]).toEqual(['PSN4011', expect.stringContaining('127.0.0.1')])
  })

  test.each(['verify-ca', 'verify-full', 'require'] as const)(
    'a server that nobody vouches for is refused by %s with a root certificate',
    async (sslmode) => {
      const stranger = certificates.file('stranger.crt')
      const error = await refusal(at({ sslmode, sslrootcert: stranger }, named))
      expect([error.code, error.problems[0]?.hint]).toEqual([
        'PSN4011',
        expect.stringContaining('sslrootcert'),
      ])
      if (sslmode !== 'require') {
        expect((await refusal(at({ sslmode }, named))).code).toBe('PSN4011')
      }
    },
  )

  test('a client shows its certificate in place of a password', async () => {
    const keys = { sslcert: certificates.file('client.crt'), sslkey: certificates.file('client.key') }
    const certified = (url: URL): void => {
      named(url)
      url.username = 'certified'
      url.password = ''
    }
    const sslrootcert = certificates.file('ca.crt')
    expect(await isSecure(at({ sslmode: 'verify-full', sslrootcert, ...keys }, certified))).toBe(true)
    const without = await refusal(at({ sslmode: 'verify-full', sslrootcert }, certified))
    expect(without.code).toBe('PSN4002')
  })

  test('parameters of the URL do the same', async () => {
    const target = at({ sslmode: 'disable' }, (url) => {
      named(url)
      url.searchParams.set('sslmode', 'verify-full')
      url.searchParams.set('sslrootcert', certificates.file('ca.crt'))
      url.searchParams.set('application_name', 'from_url')
    })
    expect(await isSecure(target)).toBe(true)
  })

  test('a server that takes secure connections only says so', async () => {
    const error = await refusal(
      at({}, (url) => {
        url.username = 'only_secure'
        url.password = 'secret'
      }),
    )
    expect([error.code, error.message]).toEqual(['PSN4011', expect.stringContaining('no encryption')])
  })

  test('a certificate that cannot be read is named', async () => {
    const error = await refusal(at({ sslmode: 'verify-ca', sslrootcert: certificates.file('none.crt') }))
    expect([error.code, error.message]).toEqual([
      'PSN4020',
      `cannot read ${certificates.file('none.crt')}, the \`sslrootcert\` of the target: ENOENT`,
    ])
  })
})
