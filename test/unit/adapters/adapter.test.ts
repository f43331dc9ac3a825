import { describe, expect, test } from 'vitest'
import { engines } from '../../support/engines.ts'

describe.each(engines)('adapter of $name', (engine) => {
  test('version', async () => {
    const { adapter, drop } = await engine.open()
    expect(await adapter.version()).toMatch(/^(DuckDB 1\.|PostgreSQL 1)\d*\.\d/)
    await drop()
  })
})
