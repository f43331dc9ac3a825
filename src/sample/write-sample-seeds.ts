import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { money, products } from './catalogue.ts'
import { type CsvFile, createCsvFile } from './csv-file.ts'
import { populate } from './population.ts'
import { tables } from './tables.ts'
import type { World } from './world.ts'

export interface SampleOptions {
  /** The end of the sample's 182 days of history; nothing happens or arrives later. */
  readonly until: Date
  /** 20,000 unless given. */
  readonly people?: number
  readonly seed?: number
}

export interface SampleSeeds {
  /** Sorted by file; `file` is `<schema>/<table>.csv` below the folder. */
  readonly files: readonly { readonly file: string; readonly rows: number }[]
}

/**
 * Writes the sample shop's warehouse as `<dir>/<schema>/<table>.csv`, one header line each, timestamps in UTC without
 * zone, NULL as an empty cell. The same options give the same bytes. Memory stays flat; files that exist are replaced.
 */
export async function writeSampleSeeds(dir: string, options: SampleOptions): Promise<SampleSeeds> {
  const files = await createFiles(dir)
  let messages = 0
  let orders = 0
  const world: World = {
    until: options.until.getTime(),
    add(table, ...parts) {
      const file = files.get(table)
      if (file === undefined) throw new Error(`the sample has no table ${table}`)
      file.add(...parts)
    },
    nextMessage: () => ++messages,
    nextOrder: () => ++orders,
  }
  stockProducts(world)
  let groups = 0
  for (const _people of populate(world, options.seed ?? 1, options.people ?? 20_000)) {
    if (++groups % groupsPerFlush !== 0) continue
    for (const file of files.values()) await file.flush(writeAtCharacters)
  }
  for (const file of files.values()) await file.close()
  const written = [...files].map(([name, file]) => ({ file: fileOf(name), rows: file.rows }))
  return { files: written.sort((left, right) => (left.file < right.file ? -1 : 1)) }
}

const groupsPerFlush = 50
const writeAtCharacters = 1 << 17

async function createFiles(dir: string): Promise<Map<string, CsvFile>> {
  const files = new Map<string, CsvFile>()
  for (const [name, columns] of Object.entries(tables)) {
    const path = join(dir, fileOf(name))
    await mkdir(dirname(path), { recursive: true })
    files.set(name, await createCsvFile(path, columns))
  }
  return files
}

/** `web.pages` → `web/pages.csv` */
function fileOf(table: string): string {
  return `${table.replace('.', '/')}.csv`
}

function stockProducts(world: World): void {
  for (const product of products) {
    world.add('shop.products', {
      product_id: product.id,
      name: product.name,
      category: product.category,
      unit_price: money(product.cents),
      unit_cost: money(product.costCents),
    })
  }
}
