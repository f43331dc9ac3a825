import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { bigqueryDriver } from '../../../src/adapters/bigquery-driver.ts'

test('a client that is not installed is named, with the command that installs it', () => {
  const elsewhere = pathToFileURL(join(tmpdir(), 'nothing-is-installed-here.js')).href
  expect(() => bigqueryDriver(elsewhere)).toThrow(
    expect.objectContaining({
      code: 'PSN4030',
      message: 'BigQuery needs `@google-cloud/bigquery@8`, which is not installed',
    }),
  )
  expect(typeof bigqueryDriver().BigQuery).toBe('function')
})
