import { appendFileSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeLargeProject } from './large-project.ts'
import { fastest, type Measured, personas, runNode, temporaryFolder } from './measure.ts'

// Seconds and memory of `personas compile`, for projects of two sizes, each in a process of its own.
const sizes = process.argv.slice(2).map(Number)
const [small = 1000, large = 10_000] = sizes
const repeats = 3

interface Result {
  readonly cold: Measured
  readonly edited: Measured
}

// A slow or busy machine shows in this too.
const bare = fastest(Array.from({ length: 5 }, () => runNode(['-e', '0'])))
const folders: string[] = []
const results = new Map<number, Result>()
for (const definitions of [small, large]) {
  const folder = temporaryFolder()
  const { files } = writeLargeProject(folder, definitions)
  runNode([personas, 'seed', '--project-dir', folder])
  const compile = (): Measured => runNode([personas, 'compile', '--project-dir', folder])
  const cold: Measured[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    setAside(folder, repeat)
    cold.push(compile())
  }
  const edited: Measured[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    appendFileSync(files[repeat] ?? '', `# edit ${repeat}\n`)
    edited.push(compile())
  }
  const result = { cold: fastest(cold), edited: fastest(edited) }
  results.set(definitions, result)
  console.log(
    `${definitions} definitions in ${files.length} files: cold ${show(result.cold)}, after an edit of one file ${show(result.edited)}; a bare node ${show(bare)}`,
  )
  folders.push(folder)
}
for (const folder of folders) rmSync(folder, { recursive: true })

const [first, second] = [results.get(small), results.get(large)]
if (first !== undefined && second !== undefined) {
  const times = (of: (measured: Measured) => number): string => (of(second.cold) / of(first.cold)).toFixed(1)
  console.log(
    `${large / small} times the definitions: ${times((run) => run.seconds)} times the seconds, ` +
      `${times((run) => run.peakMb)} times the memory`,
  )
}

/**
 * All that an earlier compilation left goes out of the way, but not the database. Nothing is deleted before the end:
 * for minutes after, some file systems (ext4 without a journal) make new files ten times slower.
 */
function setAside(folder: string, repeat: number): void {
  const [target, aside, database] = [join(folder, 'target'), join(folder, `aside_${repeat}`), 'large.duckdb']
  renameSync(target, aside)
  mkdirSync(target)
  renameSync(join(aside, database), join(target, database))
}

function show({ seconds, cpuSeconds, peakMb }: Measured): string {
  return `${seconds.toFixed(2)} s (${cpuSeconds.toFixed(2)} s of processor time, ${peakMb.toFixed(0)} MB)`
}
