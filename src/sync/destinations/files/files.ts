import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { z } from 'zod'
import { destinationType, type SessionContext } from '../../destination.ts'
import { fileFormat } from './formats.ts'
import { filePlace, placeSettings } from './places.ts'

const settings = z.strictObject({
  ...placeSettings,
  format: z.enum(['csv', 'jsonl', 'parquet']).default('csv').describe('of the file'),
  gzip: z.boolean().default(false).describe('compress it'),
  file_name: z
    .string()
    .regex(/^[\w.${}-]+$/, { error: 'must be letters, digits, . _ -, ${sync} and ${run_id}' })
    .default('${sync}-${run_id}')
    .describe('its name, without ending'),
  manifest: z.boolean().default(true).describe('a file beside it with rows, bytes, hash and columns'),
  formula_guard: z.boolean().default(false).describe('disarm cells that a spreadsheet would run'),
})
export type FileSettings = z.output<typeof settings>

/**
 * A file for each sync that has something to say: written under a temporary name and renamed when it is whole, a manifest after it.
 */
export const files = destinationType<FileSettings>({
  type: 'files',
  summary: 'a CSV, JSON Lines or Parquet file for each sync, in a folder, on S3 or over SFTP',
  settings,
  secrets: ['s3', 'sftp'],
  paths: ['folder'],
  takes: 'Each field is a column.',
  example: { folder: 'out' },
  capabilities: () => ({
    modes: ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows: 5_000,
    concurrency: 1,
    // A row that comes again in another file has the same idempotency key.
    repeated: 'keyed',
    visible: 'finish',
  }),
  async check(own) {
    const place = await filePlace(own)
    try {
      await place.check()
    } finally {
      await place.close()
    }
  },
  async open(own, context) {
    const folder = await mkdtemp(join(tmpdir(), 'personas-files-'))
    const format = await fileFormat(own, context.fields, folder)
    let rows = 0
    return {
      async write(changes) {
        rows += changes.length
        await format.write(changes)
        return changes.map(() => ({ ok: true }))
      },
      async finish() {
        const written = await format.end()
        if (rows === 0) return
        const whole = own.gzip ? await zipped(written) : written
        const name = `${nameOf(own, context)}.${own.format}${own.gzip ? '.gz' : ''}`
        const place = await filePlace(own)
        try {
          await place.put(whole, name)
          if (own.manifest)
            await place.putText(await manifestOf(whole, name, rows, context), `${name}.manifest.json`)
        } finally {
          await place.close()
        }
      },
      async close() {
        await format.end()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
})

function nameOf({ file_name: name }: FileSettings, { sync, runId }: SessionContext): string {
  return name.replaceAll('${sync}', sync).replaceAll('${run_id}', runId)
}

async function zipped(file: string): Promise<string> {
  const to = `${file}.gz`
  await pipeline(createReadStream(file), createGzip(), createWriteStream(to))
  return to
}

async function manifestOf(
  file: string,
  name: string,
  rows: number,
  { sync, runId, fields }: SessionContext,
): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  const { size } = await stat(file)
  const manifest = { sync, run_id: runId, file: name, rows, bytes: size, sha256: hash.digest('hex'), fields }
  return `${JSON.stringify(manifest, undefined, 2)}\n`
}
