import { generateClusters, generateEdges, generateEvents, generateGraph } from './generate.ts'
import { componentsByLabels, componentsByProduct, componentsByUnionFind } from './resolve-components.ts'
import {
  resolveAll,
  resolveInBatches,
  resolveInBatchesOnPostgres,
  stringsByProduct,
} from './resolve-identity.ts'
import { resolveSequentially } from './resolve-sequentially.ts'
import { partitionOfFile, stringsByUnionFind, writeStringEdges } from './resolve-strings.ts'

const tasks = {
  generateClusters,
  generateEdges,
  generateEvents,
  generateGraph,
  componentsByLabels,
  componentsByProduct,
  componentsByUnionFind,
  resolveAll,
  resolveInBatches,
  resolveInBatchesOnPostgres,
  resolveSequentially,
  partitionOfFile,
  stringsByProduct,
  stringsByUnionFind,
  writeStringEdges,
}

export type Tasks = typeof tasks

// One task in a process of its own, so that its peak of memory is its own: `child.js <task> <input as JSON>`.
const [name = '', input = '{}'] = process.argv.slice(2)
const task = Object.entries(tasks).find(([known]) => known === name)?.[1]
if (task === undefined) throw new Error(`no task ${name}`)
console.log(JSON.stringify((await task(JSON.parse(input))) ?? null))
