// A destination of this project: every change becomes a line of a file. docs/destinations.md tells what each member is for.
import { appendFile, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** As zod has it: `{ success: true, data }`, or `{ success: false, error: { issues: [{ path, message, code }] } }`. */
const settings = {
  shape: { file: {} },
  safeParse({ file, ...others }) {
    const issues = Object.keys(others).map((key) => ({
      code: 'unrecognized_keys',
      keys: [key],
      path: [],
      message: 'no such setting',
    }))
    if (typeof file !== 'string' || file === '')
      issues.push({ code: 'custom', path: ['file'], message: 'must be the path of a file' })
    return issues.length === 0 ? { success: true, data: { file } } : { success: false, error: { issues } }
  },
}

export default {
  type: 'journal',
  summary: 'a line for every change, at the end of a file',
  settings,
  secrets: [],
  capabilities: () => ({
    modes: ['add', 'update', 'upsert', 'delete', 'mirror'],
    batchRows: 500,
    // One write after the other keeps the order of lines.
    concurrency: 1,
    // Whoever reads the file knows a line that is there twice by its idempotency key.
    repeated: 'keyed',
    visible: 'batch',
  }),
  async check({ file }) {
    await mkdir(dirname(file), { recursive: true })
    await appendFile(file, '')
  },
  async open({ file }, { sync, startedAt }) {
    await mkdir(dirname(file), { recursive: true })
    return {
      async write(changes) {
        const lines = changes.map(({ operation, key, fields, idempotencyKey }) =>
          JSON.stringify({ at: startedAt, sync, operation, key, fields, idempotencyKey }),
        )
        await appendFile(file, `${lines.join('\n')}\n`)
        return changes.map(() => ({ ok: true }))
      },
      async close() {},
    }
  },
}
