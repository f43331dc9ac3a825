import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'
import { isRecord } from './shape.ts'
import type { Places } from './yaml-values.ts'

/** Which target and space are used, by name, before the file's shape is known. */
export interface Chosen {
  readonly target: string | undefined
  readonly space: string | undefined
  /** Targets and spaces that are not used: their variables need not exist. */
  readonly unused: readonly Span[]
  readonly problems: readonly Problem[]
}

/**
 * @param value the file as plain data of any shape
 * @param targetName `--target`; else PERSONAS_TARGET, else the file's `target`
 */
export function choose(
  value: unknown,
  places: Places,
  targetName: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Chosen {
  const targets = recordAt(value, ['targets'])
  const spaces = recordAt(value, ['spaces'])
  const ofFile = isRecord(value) && typeof value.target === 'string' ? value.target : undefined
  const target = targetName ?? (env.PERSONAS_TARGET || ofFile)
  const space = env.PERSONAS_SPACE || undefined
  const problems: Problem[] = []
  if (target !== undefined && isRecord(value) && 'targets' in value && !Object.hasOwn(targets, target)) {
    const from = targetName !== undefined ? '--target' : env.PERSONAS_TARGET ? 'PERSONAS_TARGET' : '`target`'
    const known = Object.keys(targets)
    const span = from === '`target`' ? places.valueSpan(value, 'target') : places.keySpan(value, 'targets')
    problems.push(problem('PSN1030', { target, near: nearest(target, known), known, from }, span))
  }
  if (space !== undefined && !Object.hasOwn(spaces, space)) {
    const known = Object.keys(spaces)
    const span = isRecord(value) && 'spaces' in value ? places.keySpan(value, 'spaces') : undefined
    problems.push(problem('PSN1031', { space, near: nearest(space, known), known }, span))
  }
  const others = (record: Readonly<Record<string, unknown>>, used: string | undefined): Span[] =>
    Object.keys(record)
      .filter((key) => key !== used)
      .map((key) => places.valueSpan(record, key))
  return { target, space, unused: [...others(targets, target), ...others(spaces, space)], problems }
}

/** The map at a path of plain data; an empty one where there is none. */
export function recordAt(
  value: unknown,
  path: readonly (string | undefined)[],
): Readonly<Record<string, unknown>> {
  let current = value
  for (const key of path) current = isRecord(current) && key !== undefined ? current[key] : undefined
  return isRecord(current) ? current : {}
}
