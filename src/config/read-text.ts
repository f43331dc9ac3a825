import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { type Problem, problem } from '../diagnostics/problem.ts'

/** A file of the project as text, or why it cannot be read. */
export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: boolean; readonly problem: Problem }

/** @param name how the file is called in messages: {@link projectPath} of it */
export function readText(path: string, name: string): ReadText {
  try {
    const bytes = readFileSync(path)
    if (isUtf8(bytes)) return { ok: true, text: bytes.toString('utf8') }
    return unreadable(name, 'it is not UTF-8 text', false)
  } catch (error) {
    return unreadable(
      name,
      reasonOf(error),
      error instanceof Error && 'code' in error && error.code === 'ENOENT',
    )
  }
}

/** Why the file system refused, in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return reasons[code] ?? code
}

/** A path as projects write it: relative to the project, with forward slashes. */
export function projectPath(projectDir: string, path: string): string {
  return relative(projectDir, path).split(sep).join('/')
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is no folder',
  ELOOP: 'its links lead in a circle',
}

function unreadable(file: string, reason: string, missing: boolean): ReadText {
  const span = { file, line: 1, column: 1, endLine: 1, endColumn: 1 }
  return { ok: false, missing, problem: problem('PSN1002', { file, reason }, span) }
}
