import { readdir } from 'node:fs/promises'
import { relative } from 'node:path'
import { writeSampleSeeds } from '../sample/write-sample-seeds.ts'
import type { Output } from './output.ts'

/**
 * Writes the sample shop's tables, unless the folder holds CSV files already. Its history ends with the last midnight
 * (UTC), so that windows such as the last 30 days are full.
 */
export async function writeSampleWhereMissing(folder: string, output: Output): Promise<void> {
  const shown = relative(process.cwd(), folder) || '.'
  const names = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.some((name) => name.endsWith('.csv'))) return
  output.log('sample', `writing the sample shop to ${shown}`, { folder: shown })
  const today = new Date()
  await writeSampleSeeds(folder, {
    until: new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate())),
  })
}
