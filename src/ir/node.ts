import type { Relation } from './relation.ts'
import type { Step } from './step.ts'
import type { ValueType } from './value-type.ts'

/**
 * `rows` is what the file of a SQL trait returns, `entity` checks a warehouse table and `relationship` stages its rows by
 * profile, `scan` aggregates all of one event or relationship, `member_rows` are those that qualified an audience's members, `profiles` assembles the working wide tables, `publish` makes a
 * run's results visible in one step, `sync` finds
 * what a destination has to be told.
 */
export type NodeType =
  | 'source'
  | 'model'
  | 'rows'
  | 'identity'
  | 'entity'
  | 'event'
  | 'relationship'
  | 'scan'
  | 'trait'
  | 'audience'
  | 'member_rows'
  | 'profiles'
  | 'publish'
  | 'sync'

export interface NodeColumn {
  readonly name: string
  readonly type: ValueType
}

/** A select to look at before anything is built. */
export interface Preview {
  readonly select: string
  /** Tables of this run that it reads. */
  readonly reads: readonly Relation[]
  /** The column that says `known` or `unknown` of each row. */
  readonly mark: string
  /** What identifies the profile, in words. */
  readonly key: string
}

/** Where a node was defined; `file` is relative to the project. */
export interface Origin {
  readonly file: string
  readonly line: number
}

/** One unit of work of the compiled project. Ids are `<type>.<name>` and unique. */
export interface CompiledNode {
  readonly id: string
  readonly type: NodeType
  readonly name: string
  readonly origin?: Origin
  readonly description?: string
  readonly owner?: string
  readonly tags: readonly string[]
  readonly meta: Readonly<Record<string, unknown>>
  /** Ids of the nodes whose results this one reads, sorted. */
  readonly dependsOn: readonly string[]
  /** Ids of nodes that find this one's values together with those of others: they run whenever this one is chosen. */
  readonly computedIn?: readonly string[]
  /** What the node writes, if it writes one relation. */
  readonly relation?: Relation
  readonly columns: readonly NodeColumn[]
  /** Empty for sources, and for traits that a scan computes. */
  readonly steps: readonly Step[]
  readonly preview?: Preview
}
