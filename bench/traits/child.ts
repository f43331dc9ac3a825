import type { Adapter } from '../../src/adapters/adapter.ts'
import { openDatabase } from '../identity/database.ts'
import { compute, computeOneByOne, countOnce } from './compute.ts'
import type { Mix } from './definitions.ts'
import { generate, type Shape } from './generate.ts'

/** What DuckDB may take of memory. */
const memoryLimit = '4GB'

interface Task {
  readonly file: string
  readonly traits: number
  readonly mix: Mix
  readonly audiences: number
  readonly shape: Shape
}

async function inFile<T>(file: string, work: (adapter: Adapter) => Promise<T>): Promise<T> {
  const adapter = await openDatabase(file)
  try {
    await adapter.execute(`set memory_limit = '${memoryLimit}'`)
    await adapter.execute(`set temp_directory = ${adapter.dialect.text(`${file}.spill`)}`)
    return await work(adapter)
  } finally {
    await adapter.close()
  }
}

const tasks = {
  generate: ({ file, shape }: Task) => inFile(file, (adapter) => generate(adapter, shape)),
  compute: ({ file, traits, mix, audiences }: Task) =>
    inFile(file, (adapter) => compute(adapter, traits, mix, audiences)),
  computeOneByOne: ({ file, traits, mix }: Task) =>
    inFile(file, (adapter) => computeOneByOne(adapter, traits, mix)),
  countOnce: ({ file }: Task) => inFile(file, countOnce),
}

export type Tasks = typeof tasks

// One task in a process of its own, so that its peak of memory is its own: `child.js <task> <input as JSON>`.
const [name = '', input = '{}'] = process.argv.slice(2)
const task = Object.entries(tasks).find(([known]) => known === name)?.[1]
if (task === undefined) throw new Error(`no task ${name}`)
console.log(JSON.stringify((await task(JSON.parse(input))) ?? null))
