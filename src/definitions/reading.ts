import type { Places } from '../config/yaml-values.ts'
import type { Problem } from '../diagnostics/problem.ts'
import type { RawCarried } from './carried-shape.ts'
import type { Definition } from './definitions.ts'

/** What the parts of one definition are read with. */
export interface Reading {
  readonly places: Places
  /** A definition with a reported problem is left out; its parts may hold any stand-in for what is wrong. */
  report(problem: Problem): void
}

/** What every definition carries. */
export function readCarried(raw: RawCarried, places: Places): Definition {
  const { name, description, owner, tags = [], meta = {} } = raw
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(owner === undefined ? {} : { owner }),
    tags: typeof tags === 'string' ? [tags] : tags,
    meta,
    span: places.valueSpan(raw),
    nameSpan: places.valueSpan(raw, 'name'),
  }
}
