import { z } from 'zod'
import { optional, text, textOf } from '../config/shape.ts'
import { lintCodes } from '../diagnostics/text/lint.ts'
import { instant } from './condition-shape.ts'

export interface RawCarried {
  readonly name: string
  readonly description?: string
  readonly owner?: string
  readonly tags?: string | readonly string[]
  readonly meta?: Readonly<Record<string, unknown>>
}

const name = textOf(/^[a-z][a-z0-9_]*$/, 'PSN2014', 'a name')
export const anything = z.record(z.string(), z.unknown())

export const carried = {
  description: optional(z.string()),
  owner: optional(z.string()),
  tags: optional(z.union([text, z.array(text)], { error: 'a text or a list of texts' })),
  meta: optional(anything),
}
export const named = { name, ...carried }

export interface RawLinted {
  readonly ignore_warnings?: readonly string[]
}

/** Of traits and audiences: what the linter is not to say of them. */
export const ignoreWarnings = optional(z.array(z.enum(lintCodes)))
export const entity = optional(z.enum(['user', 'account']))
export const historyShape = { history_since: optional(instant) }
