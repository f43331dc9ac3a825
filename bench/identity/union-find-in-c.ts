import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Measurement } from './measurement.ts'

/** Where `encode` is numbering the strings; all in seconds. */
interface InC extends Measurement {
  readonly encode: number
  readonly unionFind: number
  readonly write: number
}

const compiler = process.env.CC ?? 'cc'

/** @returns the program, or undefined where there is no C compiler. @throws Error with what the compiler says */
export function compileUnionFind(folder: string): string | undefined {
  const program = join(folder, 'union-find')
  const source = join(process.cwd(), 'bench/identity/union-find.c')
  const { error, status, stderr } = spawnSync(compiler, ['-O2', '-o', program, source], { encoding: 'utf8' })
  if (error !== undefined) return undefined
  if (status !== 0) throw new Error(`${compiler} failed:\n${stderr}`)
  return program
}

export function runUnionFind(program: string, edges: string, mapping: string): InC {
  const { error, status, stdout, stderr } = spawnSync(program, [edges, mapping], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`union-find failed: ${error?.message ?? stderr}`)
  return JSON.parse(stdout) as InC
}
