import type { Problem } from '../diagnostics/problem.ts'
import type { CompileScope, Entity, StagedEvent } from './compile-scope.ts'

/** One question to a {@link CompileScope}. */
export type ScopeRead =
  | readonly ['event', string]
  | readonly ['property' | 'context', string, string]
  | readonly ['propertyPaths' | 'contextPaths', string]
  | readonly ['trait', Entity, string]
  | readonly ['audience' | 'measure' | 'relationship', string]
  | readonly ['eventNames']
  | readonly ['traitNames', Entity]

/** The answer as JSON, the same for the same answer. */
export function answerTo(scope: CompileScope, read: ScopeRead): string {
  return JSON.stringify(answer(scope, read)) ?? ''
}

function answer(scope: CompileScope, read: ScopeRead): unknown {
  switch (read[0]) {
    case 'event': {
      const { node, relation, known } = scope.event(read[1])
      return { node, relation, known }
    }
    case 'property':
      return scope.event(read[1]).property(read[2])
    case 'context':
      return scope.event(read[1]).context(read[2])
    case 'propertyPaths':
      return scope.event(read[1]).propertyPaths
    case 'contextPaths':
      return scope.event(read[1]).contextPaths
    case 'relationship':
      return scope.relationship(read[1])
    case 'trait':
      return scope.trait(read[1], read[2])
    case 'audience':
      return scope.audience(read[1])
    case 'measure':
      return scope.measure(read[1])
    case 'eventNames':
      return scope.eventNames
    case 'traitNames':
      return scope.traitNames(read[1])
  }
}

export interface WatchedScope {
  readonly scope: CompileScope
  /** What was asked until now, each question once. */
  reads(): readonly ScopeRead[]
  /** What was reported; it has been passed on. */
  readonly problems: readonly Problem[]
}

/** The same scope, keeping a record of what is asked of it. */
export function watchReads(scope: CompileScope): WatchedScope {
  const asked = new Map<string, ScopeRead>()
  const problems: Problem[] = []
  const note = (...read: ScopeRead): void => {
    asked.set(read.join('\n'), read)
  }
  const watchEvent = (name: string, event: StagedEvent): StagedEvent => ({
    node: event.node,
    relation: event.relation,
    known: event.known,
    property(path) {
      note('property', name, path)
      return event.property(path)
    },
    context(path) {
      note('context', name, path)
      return event.context(path)
    },
    get propertyPaths() {
      note('propertyPaths', name)
      return event.propertyPaths
    },
    get contextPaths() {
      note('contextPaths', name)
      return event.contextPaths
    },
  })
  return {
    problems,
    reads: () => [...asked.values()],
    scope: {
      dialect: scope.dialect,
      templates: scope.templates,
      schema: scope.schema,
      workSchema: scope.workSchema,
      event(name) {
        note('event', name)
        return watchEvent(name, scope.event(name))
      },
      relationship(name) {
        note('relationship', name)
        return scope.relationship(name)
      },
      trait(entity, name) {
        note('trait', entity, name)
        return scope.trait(entity, name)
      },
      audience(name) {
        note('audience', name)
        return scope.audience(name)
      },
      measure(key) {
        note('measure', key)
        return scope.measure(key)
      },
      get eventNames() {
        note('eventNames')
        return scope.eventNames
      },
      traitNames(entity) {
        note('traitNames', entity)
        return scope.traitNames(entity)
      },
      report(problem) {
        problems.push(problem)
        scope.report(problem)
      },
    },
  }
}
