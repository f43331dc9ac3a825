import { expect, test, vi } from 'vitest'
import { openAdapter } from '../../../src/adapters/open-adapter.ts'

// As where the optional package is not installed.
vi.mock('@google-cloud/bigquery', () => {
  throw new Error("Cannot find package '@google-cloud/bigquery'")
})

test('a client that is not installed is named, with the command that installs it', async () => {
  const names = { name: 'bq', schema: 'personas', workSchema: 'personas_work', threads: 1 }
  const settings = { type: 'bigquery', project: 'acme', dataset: 'personas' } as const
  await expect(openAdapter({ type: 'bigquery', ...names, settings })).rejects.toMatchObject({
    code: 'PSN4030',
    message: 'BigQuery needs `@google-cloud/bigquery@8`, which is not installed',
    problems: [
      expect.objectContaining({ hint: expect.stringContaining('npm install @google-cloud/bigquery@8') }),
    ],
  })
})
