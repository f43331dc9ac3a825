import type { Count, EventCondition, PropertyCondition, Then, Window } from '../definitions/conditions.ts'
import type { Span } from '../diagnostics/span.ts'
import type { Formula, Formulas } from './formula.ts'
import { opaqueKey } from './opaque-key.ts'
import { createPart, type Part } from './part.ts'
import { type TestScope, testParts } from './test-parts.ts'
import type { Subject, ValueKind } from './value-test.ts'

const anyKind: readonly ValueKind[] = ['missing', 'text', 'number', 'boolean', 'timestamp']

/** When an event happened: never after the as-of instant. */
const eventTime: Subject = {
  key: 'time',
  kinds: ['timestamp'],
  always: [{ kind: 'relative', from: Number.NEGATIVE_INFINITY, to: 0, open: false }],
}

/** Seconds from a parent event to what follows it. */
const delay: Subject = {
  key: 'delay',
  kinds: ['number'],
  always: [{ kind: 'above', than: 0, orEqual: false }],
}

/** An element of an array: null ones are left out. */
const element: Subject = { key: 'element', kinds: ['text'] }

/** How many events count, as one part with the event's `where` and `then` inside. */
export function eventPart(formulas: Formulas, condition: EventCondition): Part {
  const { event, count, where, window, then, span } = condition
  const inner = eventsPart(formulas, where, window, span, then)
  return createPart({
    span,
    label: `event: ${event}`,
    join: 'inner',
    parts: [inner],
    build: ([one = formulas.yes]) => counted(formulas, `event ${event}`, count, one),
  })
}

/** What one event must be to count. */
export function eventsPart(
  formulas: Formulas,
  where: readonly PropertyCondition[],
  window: Window | undefined,
  span: Span,
  then?: Then,
): Part {
  const inWindow = windowFormula(formulas, window)
  return createPart({
    span,
    label: 'where',
    join: 'all',
    parts: [
      ...where.map((condition) => wherePart(formulas, condition)),
      ...(then === undefined ? [] : [thenPart(formulas, then)]),
    ],
    list: true,
    build: (parts) => formulas.all([inWindow, ...parts]),
  })
}

function thenPart(formulas: Formulas, then: Then): Part {
  const { event, count, where, withinSeconds, not, span, excludeSources } = then
  // Of some sources they are other events.
  const of = excludeSources === undefined ? event : JSON.stringify([event, excludeSources])
  const soon = formulas.test(delay, { kind: 'below', than: withinSeconds, orEqual: true })
  const inner = createPart({
    span,
    label: 'where',
    join: 'all',
    parts: where.map((condition) => wherePart(formulas, condition)),
    list: true,
    build: (parts) => formulas.all([soon, ...parts]),
  })
  return createPart({
    span,
    label: `then: ${event}`,
    join: 'inner',
    parts: [inner],
    build([one = formulas.yes]) {
      const followed = counted(formulas, `then ${of}`, count, one)
      return formulas.all([elapsed(formulas, then), not ? formulas.not(followed) : followed])
    },
  })
}

function counted(formulas: Formulas, of: string, { comparison, value }: Count, inner: Formula): Formula {
  const atLeast = (least: number): Formula => formulas.some(of, least, inner)
  switch (comparison) {
    case 'at_least':
      return atLeast(value)
    case 'exactly':
      return formulas.all([atLeast(value), formulas.not(atLeast(value + 1))])
    case 'at_most':
      return formulas.not(atLeast(value + 1))
  }
}

function windowFormula(formulas: Formulas, window: Window | undefined): Formula {
  if (window === undefined) return formulas.yes
  switch (window.kind) {
    case 'within':
      return formulas.test(eventTime, { kind: 'relative', from: -window.seconds, to: 0, open: false })
    case 'between':
      return formulas.test(eventTime, {
        kind: 'relative',
        from: -window.farSeconds,
        to: -window.nearSeconds,
        open: false,
      })
    case 'session': {
      const session: Subject = { key: `session ${window.seconds}`, kinds: ['missing', 'boolean'] }
      return formulas.test(session, { kind: 'exists' })
    }
    case 'absolute': {
      const { since, until } = window
      const before = (iso: string): Formula =>
        formulas.test(eventTime, { kind: 'before', instant: Date.parse(iso) })
      return formulas.all([
        ...(since === undefined ? [] : [formulas.not(before(since))]),
        ...(until === undefined ? [] : [before(until)]),
      ])
    }
  }
}

/** Old enough for all that may follow to have been seen. */
function elapsed(formulas: Formulas, then: Then): Formula {
  if (!then.requireWindowElapsed) return formulas.yes
  const { withinSeconds } = then
  return formulas.test(eventTime, {
    kind: 'relative',
    from: Number.NEGATIVE_INFINITY,
    to: -withinSeconds,
    open: false,
  })
}

function wherePart(formulas: Formulas, condition: PropertyCondition): Part {
  const { span } = condition
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const { kind } = condition
      return createPart({
        span,
        label: kind,
        join: kind,
        parts: condition.conditions.map((inner) => wherePart(formulas, inner)),
        build: (parts) => formulas[kind](parts),
      })
    }
    case 'not':
      return createPart({
        span,
        label: 'not',
        join: 'not',
        parts: [wherePart(formulas, condition.condition)],
        build: ([inner = formulas.yes]) => formulas.not(inner),
      })
    case 'property':
    case 'context':
      return leafPart(formulas, condition)
    case 'column':
    case 'related':
      throw new Error('rows of relationships are not taken apart')
    case 'followed': {
      // Of events that follow no more is known than that it is the same wherever it is asked alike.
      const follows: Subject = { key: opaqueKey(condition), kinds: ['missing', 'boolean'] }
      return createPart({
        span,
        label: `then: ${condition.event}`,
        join: 'all',
        parts: [],
        build: () => formulas.test(follows, { kind: 'exists' }),
      })
    }
    case 'trait':
      // A fact of the profile, not of the event.
      return createPart({
        span,
        label: `trait: ${condition.trait}`,
        join: 'all',
        parts: [],
        build: () => formulas.free(opaqueKey(condition)),
      })
  }
}

function leafPart(
  formulas: Formulas,
  { kind, path, tests, span }: Extract<PropertyCondition, { kind: 'property' | 'context' }>,
): Part {
  // But for its own properties, what stands on the right is a fact of something else than this event.
  const scope: TestScope = {
    formulas,
    operandExists(operand) {
      switch (operand.kind) {
        case 'trait':
          return formulas.free(`trait ${operand.trait}`)
        case 'parent':
          return formulas.free(`parent ${operand.property}`)
        case 'property': {
          const own: Subject = { key: `property ${operand.property}`, kinds: anyKind }
          return formulas.test(own, { kind: 'exists' })
        }
      }
    },
  }
  const label = `${kind}: ${path}`
  if (!path.endsWith('.$')) {
    const parts = testParts(tests, { key: `${kind} ${path}`, kinds: anyKind }, scope)
    return createPart({ span, label, join: 'all', parts, build: (all) => formulas.all(all) })
  }
  const of = `elements of ${kind} ${path}`
  const absent = tests.filter(
    ({ operator, operand }) => operator === 'exists' && operand.kind === 'literal' && operand.value === false,
  )
  const others = tests.filter((test) => !absent.includes(test))
  const inner = createPart({
    span,
    label,
    join: 'all',
    parts: testParts(others, element, scope),
    build: (all) => formulas.all(all),
  })
  return createPart({
    span,
    label,
    join: 'inner',
    parts: [inner],
    build: ([one = formulas.yes]) =>
      formulas.all([
        ...(others.length > 0 ? [formulas.some(of, 1, one)] : []),
        ...(absent.length > 0 ? [formulas.not(formulas.some(of, 1, formulas.yes))] : []),
      ]),
  })
}
