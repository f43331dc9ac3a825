import { createHash, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { type SftpServer, startS3, startSftp } from './file-servers.ts'
import { awkward, change, opened, typeOf } from './opened.ts'

const signal = new AbortController().signal
const name = 'people-20260601T000000Z-abcdef'
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'personas-files-test-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const rows = awkward.map((text, index) =>
  change(
    'add',
    `k${index}`,
    { email: text, spent: index / 4, orders: index, vip: index % 2 === 0, likes: [text] },
    { idempotencyKey: `i${index}` },
  ),
)

async function write(settings: Readonly<Record<string, unknown>>): Promise<void> {
  const session = await opened('files', settings)
  try {
    expect(await session.write(rows.slice(0, 3), signal)).toHaveLength(3)
    await session.write(rows.slice(3), signal)
    await session.finish?.(signal)
  } finally {
    await session.close()
  }
}

const own = (): string => mkdtempSync(join(folder, 'out-'))

describe('files in a folder', () => {
  test('JSON Lines, whole or not at all, with a manifest', async () => {
    const to = own()
    const session = await opened('files', { folder: to, format: 'jsonl' })
    await session.write(rows, signal)
    expect(readdirSync(to)).toEqual([])
    await session.finish?.(signal)
    await session.close()
    expect(readdirSync(to).sort()).toEqual([`${name}.jsonl`, `${name}.jsonl.manifest.json`])
    const text = readFileSync(join(to, `${name}.jsonl`))
    const lines = text.toString('utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      rows.map(({ key, fields, idempotencyKey }) => ({
        _operation: 'add',
        _key: key,
        _idempotency_key: idempotencyKey,
        ...fields,
      })),
    )
    expect(JSON.parse(readFileSync(join(to, `${name}.jsonl.manifest.json`), 'utf8'))).toMatchObject({
      file: `${name}.jsonl`,
      rows: rows.length,
      bytes: text.length,
      sha256: createHash('sha256').update(text).digest('hex'),
    })
  })

  test('nothing is left of a sync that is given up', async () => {
    const to = own()
    const session = await opened('files', { folder: to })
    await session.write(rows, signal)
    await session.close()
    expect(readdirSync(to)).toEqual([])
  })

  test('a sync with nothing to say leaves no file', async () => {
    const to = own()
    const session = await opened('files', { folder: to })
    await session.finish?.(signal)
    await session.close()
    expect(readdirSync(to)).toEqual([])
  })

  test.each(['csv', 'parquet'] as const)('%s reads back as it was', async (format) => {
    const to = own()
    await write({ folder: to, format, manifest: false })
    const adapter = await openAdapter({
      type: 'duckdb',
      name: 'x',
      path: ':memory:',
      schema: 'main',
      workSchema: 'main',
      threads: 1,
    })
    try {
      const file = join(to, `${name}.${format}`)
      const read =
        format === 'csv' ? `read_csv('${file}', all_varchar = true, nullstr = 'no such text')` : `'${file}'`
      const found = await adapter.query(`select * from ${read} order by _key`)
      expect(found).toHaveLength(rows.length)
      expect(found.map((row) => row.email)).toEqual(rows.map(({ fields }) => fields.email))
      expect(found.map((row) => Number(row.spent))).toEqual(rows.map(({ fields }) => fields.spent))
      expect(found.map((row) => JSON.parse(String(row.likes)))).toEqual(
        rows.map(({ fields }) => fields.likes),
      )
    } finally {
      await adapter.close()
    }
  })

  test('gzip, and cells that no spreadsheet takes for formulas', async () => {
    const to = own()
    await write({ folder: to, gzip: true, manifest: false, formula_guard: true })
    const text = gunzipSync(readFileSync(join(to, `${name}.csv.gz`))).toString('utf8')
    expect(text.split('\n')[0]).toBe('_operation,_key,_idempotency_key,email,spent,orders,vip,likes')
    expect(text).toContain(`"'=HYPERLINK(""http://x"")"`)
  })

  test('a file name cannot lead out of the folder', async () => {
    const { settings } = await typeOf('files')
    for (const bad of ['../x', 'a/b', '/etc/x', ''])
      expect(settings.safeParse({ folder: 'x', file_name: bad }).success).toBe(false)
  })
})

describe('files on S3', () => {
  test('the file, then its manifest', async () => {
    const server = await startS3(own())
    try {
      const s3 = {
        bucket: 'crm',
        prefix: 'in/',
        endpoint: server.url,
        access_key_id: 'S3RVER',
        secret_access_key: 'S3RVER',
        path_style: true,
      }
      const type = await typeOf('files')
      await type.check(type.settings.parse({ s3 }), signal)
      await expect(
        type.check(type.settings.parse({ s3: { ...s3, bucket: 'none' } }), signal),
      ).rejects.toMatchObject({ name: 'DeliveryError' })
      await write({ s3, format: 'jsonl' })
      const client = new S3Client({
        endpoint: server.url,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
      })
      const { Contents: found } = await client.send(new ListObjectsV2Command({ Bucket: 'crm' }))
      expect(found?.map(({ Key }) => Key)).toEqual([`in/${name}.jsonl`, `in/${name}.jsonl.manifest.json`])
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'crm', Key: `in/${name}.jsonl` }))
      expect((await Body?.transformToString())?.trimEnd().split('\n')).toHaveLength(rows.length)
      client.destroy()
    } finally {
      await server.stop()
    }
  })
})

describe('files over SFTP', () => {
  let server: SftpServer
  let root: string
  beforeAll(async () => {
    root = own()
    mkdirSync(join(root, 'in'))
    server = await startSftp(root)
  })
  afterAll(() => server.stop())
  const sftp = () => ({
    host: '127.0.0.1',
    port: server.port,
    username: 'shop',
    password: 'secret',
    host_key: server.hostKey,
    folder: 'in',
  })

  test('the file under its name once it is whole', async () => {
    const type = await typeOf('files')
    await type.check(type.settings.parse({ sftp: sftp() }), signal)
    await write({ sftp: sftp(), format: 'jsonl' })
    expect(readdirSync(join(root, 'in')).sort()).toEqual([`${name}.jsonl`, `${name}.jsonl.manifest.json`])
    expect(server.renamed).toContain(`in/.${name}.jsonl.part → in/${name}.jsonl`)
    expect(
      readFileSync(join(root, 'in', `${name}.jsonl`), 'utf8')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(rows.length)
  })

  test('another host, or a wrong password, is not talked to', async () => {
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })
    const wrongKey = createHash('sha256').update(other).digest('base64')
    const type = await typeOf('files')
    for (const wrong of [{ host_key: wrongKey }, { password: 'guess' }])
      await expect(
        type.check(type.settings.parse({ sftp: { ...sftp(), ...wrong } }), signal),
      ).rejects.toMatchObject({ name: 'DeliveryError', kind: 'fatal' })
    expect(existsSync(join(root, 'in'))).toBe(true)
  })
})

test('exactly one place', async () => {
  const type = await typeOf('files')
  await expect(type.check(type.settings.parse({}), signal)).rejects.toMatchObject({
    kind: 'fatal',
    reason: 'no place',
  })
})
