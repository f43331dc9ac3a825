import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { personas, runNode, temporaryFolder } from './measure.ts'

// The sample project from an empty folder: writing the data, loading it, two whole runs on DuckDB, seconds by node.
interface RunResults {
  readonly nodes: readonly { readonly id: string; readonly seconds: number; readonly rows?: number | null }[]
}

const folder = join(temporaryFolder(), 'sample')
const init = runNode([personas, 'init', folder])
const seed = runNode([personas, 'seed', '--quiet', '--project-dir', folder])
console.log(`init, with the data as CSV: ${seconds(init)}\nseed: ${seconds(seed)}`)
for (const which of ['first run', 'second run']) {
  const run = runNode([personas, 'run', '--quiet', '--project-dir', folder])
  const results = JSON.parse(readFileSync(join(folder, 'target/run_results.json'), 'utf8')) as RunResults
  const slowest = results.nodes.toSorted((left, right) => right.seconds - left.seconds).slice(0, 12)
  const all = results.nodes.reduce((sum, node) => sum + node.seconds, 0)
  console.log(`${which}: ${seconds(run)}; ${results.nodes.length} nodes, ${all.toFixed(2)} s of work`)
  for (const node of slowest) {
    console.log(
      `  ${node.seconds.toFixed(2).padStart(6)} s  ${node.id}${node.rows == null ? '' : `  ${node.rows} rows`}`,
    )
  }
}
rmSync(join(folder, '..'), { recursive: true })

function seconds(of: { readonly seconds: number; readonly peakMb: number }): string {
  return `${of.seconds.toFixed(2)} s (${of.peakMb.toFixed(0)} MB)`
}
