import { hashOf, parseCache, renderCache } from '../config/cache-file.ts'
import type { Problem } from '../diagnostics/problem.ts'
import type { CompiledNode } from '../ir/node.ts'
import type { Templates } from '../sql/templates.ts'
import type { CompileScope } from './compile-scope.ts'
import { answerTo, type ScopeRead, watchReads } from './scope-reads.ts'

/** A node as it was compiled, with all that it was made of. */
interface Entry {
  /** Hash of the definition. */
  readonly of: string
  /** Indexes of what was asked of the scope. */
  readonly reads: readonly number[]
  readonly node: CompiledNode
  /** What was reported. */
  readonly problems: readonly Problem[]
}

/** As the file has it: each question to the scope once, with its answer as JSON. */
interface Content {
  readonly reads: readonly ScopeRead[]
  readonly answers: readonly string[]
  readonly nodes: Readonly<Record<string, Entry>>
  /** What templates gave to the other nodes, by the hash of template name and context. */
  readonly rendered: Readonly<Record<string, string>>
}

/** Compiles a definition, or finds the node again; problems are reported either way. */
export type CompileDefinition = <D extends { readonly name: string }>(
  kind: 'scan' | 'trait' | 'audience' | 'member_rows',
  definition: D,
  compile: (definition: D, scope: CompileScope) => CompiledNode,
) => CompiledNode

/**
 * Nodes of an earlier compilation. One whose definition is the same, and whose questions to the scope have the same
 * answers, is not compiled again.
 */
export interface NodeCache {
  within(scope: CompileScope): CompileDefinition
  /** The same templates, rendering again only what was not rendered before. */
  templates(templates: Templates): Templates
  /** Of the nodes compiled since, or undefined where that is what was read. */
  toText(): string | undefined
}

/**
 * @param text what {@link NodeCache.toText} gave; anything else is an empty cache
 * @param key what nodes depend on beside definition and scope: dialect, schemas, templates
 */
export function createNodeCache(key: string, text?: string): NodeCache {
  const old = readContent(text, key)
  const indexes = new Map<string, number>()
  const reads: ScopeRead[] = []
  const answers: string[] = []
  const used: Record<string, Entry> = {}
  let kept = 0
  const rendered: Record<string, string> = {}
  let renderedAnew = false

  const indexOf = (read: ScopeRead, answer: () => string): number => {
    const name = JSON.stringify(read)
    const known = indexes.get(name)
    if (known !== undefined) return known
    indexes.set(name, reads.length)
    reads.push(read)
    return answers.push(answer()) - 1
  }

  return {
    within(scope) {
      const now = old.reads.map((read, index) => {
        const answer = answerTo(scope, read)
        return answer === old.answers[index] ? indexOf(read, () => answer) : undefined
      })
      return (kind, definition, compile) => {
        const id = `${kind}.${definition.name}`
        const of = hashOf(JSON.stringify(definition))
        const found = Object.hasOwn(old.nodes, id) ? old.nodes[id] : undefined
        const same = found?.of === of ? found.reads.flatMap((index) => now[index] ?? []) : []
        if (found?.of === of && same.length === found.reads.length) {
          kept += 1
          used[id] = { ...found, reads: same }
          for (const problem of found.problems) scope.report(problem)
          return found.node
        }
        const watched = watchReads(scope)
        const node = compile(definition, watched.scope)
        const reads = watched.reads().map((read) => indexOf(read, () => answerTo(scope, read)))
        used[id] = { of, reads, node, problems: watched.problems }
        return node
      }
    },
    templates(templates) {
      // Identity renders dozens of templates with the same context.
      const contexts = new WeakMap<object, string>()
      const hashOfContext = (context: object): string => {
        const known = contexts.get(context)
        const hash = known ?? hashOf(JSON.stringify(context))
        if (known === undefined) contexts.set(context, hash)
        return hash
      }
      return {
        render(name, context) {
          const key = hashOf(name, hashOfContext(context))
          const known = rendered[key] ?? old.rendered[key]
          renderedAnew ||= known === undefined
          const text = known ?? templates.render(name, context)
          rendered[key] = text
          return text
        },
        placeOfCall: (name, lexis) => templates.placeOfCall(name, lexis),
      }
    },
    toText() {
      const same =
        !renderedAnew &&
        sizeOf(rendered) === sizeOf(old.rendered) &&
        kept === sizeOf(used) &&
        kept === sizeOf(old.nodes)
      if (same) return undefined
      const content: Content = { reads, answers, nodes: used, rendered }
      return renderCache(key, content)
    },
  }
}

const empty: Content = { reads: [], answers: [], nodes: {}, rendered: {} }

function sizeOf(record: object): number {
  return Object.keys(record).length
}

function readContent(text: string | undefined, key: string): Content {
  const content = parseCache(text, key)
  return content !== undefined && isContent(content) ? content : empty
}

/** What this build wrote under this key is of the types of this build. */
function isContent(content: object): content is Content {
  return 'reads' in content && 'answers' in content && 'nodes' in content && 'rendered' in content
}
