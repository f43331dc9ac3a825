import type {
  Condition,
  EventCondition,
  PropertyCondition,
  ReducerOptions,
  RelatedRows,
  Then,
  Window,
} from '../conditions.ts'
import type { Entity, EventTrait, RelatedTrait } from '../definitions.ts'
import { shortInstant } from '../duration.ts'
import { quoteText, renderDuration, renderTests } from './render-tests.ts'

/** Longer lines are broken where AND and OR stand. */
const width = 100

/**
 * A condition in its text form; parsed again in an audience of the same entity it is the same condition.
 *
 * @param audiences names of audiences: a trait of such a name must say that it is none
 */
export function renderQuery(condition: Condition, entity: Entity, audiences: ReadonlySet<string>): string {
  return layOut(conditionLayout(condition, { of: entity, audiences }), '', 0)
}

export function renderTraitQuery(trait: EventTrait | RelatedTrait): string {
  if ('relationship' in trait) {
    const subject = `column(${quoteText(trait.column?.column ?? '')})`
    return layOut(rowChain(trait, reducer(trait.type, subject, trait)), '', 0)
  }
  return layOut(chain(trait, reducer(trait.type, subjectOf(trait), trait)), '', 0)
}

/** Text with the places where it may be broken. */
type Layout =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'joined'; readonly word: 'AND' | 'OR'; readonly parts: readonly Layout[] }
  /** Broken, what is inside stands on lines of its own. */
  | { readonly kind: 'around'; readonly before: string; readonly inside: Layout; readonly after: string }
  | { readonly kind: 'before'; readonly text: string; readonly rest: Layout }

function flat(layout: Layout): string {
  switch (layout.kind) {
    case 'text':
      return layout.text
    case 'joined':
      return layout.parts.map(flat).join(` ${layout.word} `)
    case 'around':
      return `${layout.before}${flat(layout.inside)}${layout.after}`
    case 'before':
      return `${layout.text}${flat(layout.rest)}`
  }
}

/** @param used columns of the line that are taken, the indent included */
function layOut(layout: Layout, indent: string, used: number): string {
  const line = flat(layout)
  if (used + line.length <= width) return line
  switch (layout.kind) {
    case 'text':
      return line
    case 'joined':
      return layout.parts
        .map((part, index) => {
          const word = index === 0 ? '' : `${layout.word} `
          return `${word}${layOut(part, indent, indent.length + word.length)}`
        })
        .join(`\n${indent}`)
    case 'around': {
      const deeper = `${indent}  `
      return `${layout.before}\n${deeper}${layOut(layout.inside, deeper, deeper.length)}\n${indent}${layout.after}`
    }
    case 'before':
      return `${layout.text}${layOut(layout.rest, indent, used + layout.text.length)}`
  }
}

/** Inside a junction or after a prefix, a junction needs parentheses. */
function tight(of: Layout): Layout {
  return of.kind === 'joined' ? { kind: 'around', before: '(', inside: of, after: ')' } : of
}

function junction(kind: 'all' | 'any', parts: readonly Layout[]): Layout {
  return { kind: 'joined', word: kind === 'all' ? 'AND' : 'OR', parts: parts.map(tight) }
}

function text(of: string): Layout {
  return { kind: 'text', text: of }
}

interface Scope {
  /** Whom the condition speaks of. */
  readonly of: Entity
  readonly audiences: ReadonlySet<string>
}

function conditionLayout(condition: Condition, scope: Scope): Layout {
  const layout = (inner: Condition): Layout => conditionLayout(inner, scope)
  switch (condition.kind) {
    case 'all':
    case 'any':
      return junction(condition.kind, condition.conditions.map(layout))
    case 'not':
      return { kind: 'before', text: 'NOT ', rest: tight(layout(condition.condition)) }
    case 'users':
      return usersLayout(
        condition.quantifier,
        condition.condition,
        conditionLayout(condition.condition, { ...scope, of: 'user' }),
      )
    case 'audience':
      return text(`trait(${quoteText(condition.audience)}) = true`)
    case 'trait': {
      const own = scope.audiences.has(condition.trait) ? 'custom_trait' : 'trait'
      const extractor = condition.entity === scope.of ? own : 'account_trait'
      return text(renderTests(`${extractor}(${quoteText(condition.trait)})`, condition.tests))
    }
    case 'event':
      return eventLayout(condition)
    case 'related':
      return rowsLayout(condition)
  }
}

function usersLayout(quantifier: 'any' | 'all' | 'none', condition: Condition, layout: Layout): Layout {
  switch (quantifier) {
    case 'any':
      return { kind: 'before', text: 'ANY ', rest: tight(layout) }
    case 'none':
      return { kind: 'before', text: 'ALL NOT ', rest: tight(layout) }
    case 'all':
      // Without parentheses it would be ALL NOT, which holds for accounts without users too.
      return condition.kind === 'not'
        ? { kind: 'around', before: 'ALL (', inside: layout, after: ')' }
        : { kind: 'before', text: 'ALL ', rest: tight(layout) }
  }
}

const countSigns = { at_least: '>=', exactly: '=', at_most: '<=' } as const

function eventLayout(condition: EventCondition): Layout {
  return chain(condition, asked(condition, 'property'))
}

function rowsLayout(condition: RelatedRows): Layout {
  return rowChain(condition, asked(condition, 'column'))
}

/** A reducer and what must hold of what it gives. */
function asked({ count, value }: Pick<RelatedRows, 'count' | 'value'>, of: 'property' | 'column'): string {
  if (value === undefined) return `.count() ${countSigns[count.comparison]} ${count.value}`
  const { type, tests, property } = value
  return renderTests(reducer(type, `${of}(${quoteText(property.path)})`, value), tests)
}

type Rows = Pick<RelatedRows, 'relationship' | 'where' | 'window'>
type Events = Pick<EventCondition, 'event' | 'where' | 'window' | 'excludeSources' | 'then'>

function chain({ event, where, window, excludeSources, then }: Events, reduced: string): Layout {
  const after = [
    renderSources(excludeSources),
    window === undefined ? '' : renderWindow(window),
    reduced,
  ].join('')
  return filtered(`event(${quoteText(event)})`, where, then, after)
}

function rowChain({ relationship, where, window }: Rows, reduced: string): Layout {
  const after = `${window === undefined ? '' : renderWindow(window)}${reduced}`
  return filtered(`relationship(${quoteText(relationship)})`, where, undefined, after)
}

function filtered(
  head: string,
  where: readonly PropertyCondition[],
  then: Then | undefined,
  after: string,
): Layout {
  const parts = [...where.map(propertyLayout), ...(then === undefined ? [] : [thenLayout(then)])]
  const [first, second] = parts
  if (first === undefined) return text(`${head}${after}`)
  // The conditions of a list stand side by side, one that is itself a list in parentheses.
  const inside =
    second === undefined ? (where[0]?.kind === 'all' ? tight(first) : first) : junction('all', parts)
  return { kind: 'around', before: `${head}.where(`, inside, after: `)${after}` }
}

function renderSources(names: readonly string[] | undefined): string {
  return names === undefined ? '' : `.sources(exclude: [${names.map(quoteText).join(', ')}])`
}

function thenLayout(then: Then): Layout {
  const { not, event, where, withinSeconds, requireWindowElapsed, count, excludeSources } = then
  const elapsed = requireWindowElapsed ? ', require_window_elapsed: true' : ''
  const after = `${renderSources(excludeSources)}.within(parent: ${renderDuration(withinSeconds)}${elapsed}).count() ${countSigns[count.comparison]} ${count.value}`
  const child = filtered(`event(${quoteText(event)})`, where, undefined, after)
  return not ? { kind: 'before', text: 'NOT ', rest: child } : child
}

function propertyLayout(condition: PropertyCondition): Layout {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return junction(condition.kind, condition.conditions.map(propertyLayout))
    case 'not':
      return { kind: 'before', text: 'NOT ', rest: tight(propertyLayout(condition.condition)) }
    case 'property':
    case 'context':
      return text(renderTests(`${condition.kind}(${quoteText(condition.path)})`, condition.tests))
    case 'trait':
      return text(renderTests(`trait(${quoteText(condition.trait)})`, condition.tests))
    case 'column':
      return text(renderTests(`column(${quoteText(condition.column)})`, condition.tests))
    case 'related':
      return rowsLayout(condition)
    case 'followed':
      return thenLayout(condition)
  }
}

function subjectOf({ property, userTrait }: Pick<EventTrait, 'property' | 'userTrait'>): string {
  return userTrait === undefined
    ? `property(${quoteText(property?.path ?? '')})`
    : `trait(${quoteText(userTrait.trait)})`
}

function reducer(
  type: EventTrait['type'],
  subject: string,
  { minFrequency, share, asText }: ReducerOptions,
): string {
  switch (type) {
    case 'count':
      return '.count()'
    case 'most_frequent':
      return `.mode(${subject}, ${minFrequency})`
    case 'unique_list':
      return `.unique(${subject})`
    case 'unique_list_count':
      return `.unique(${subject}).count()`
    case 'percentile':
      return `.percentile(${subject}, ${share})`
    case 'min':
    case 'max':
      return `.${type}(${subject}${asText ? ' as string' : ''})`
    case 'sum':
    case 'avg':
    case 'median':
    case 'first':
    case 'last':
      return `.${type}(${subject})`
  }
}

function renderWindow(window: Window): string {
  switch (window.kind) {
    case 'within':
      return `.within(${renderDuration(window.seconds)})`
    case 'between':
      return `.between(${renderDuration(window.nearSeconds)}, ${renderDuration(window.farSeconds)})`
    case 'session':
      return `.expires_after(${renderDuration(window.seconds)})`
    case 'absolute':
      return [
        window.since === undefined ? '' : `.since(${quoteText(shortInstant(window.since))})`,
        window.until === undefined ? '' : `.until(${quoteText(shortInstant(window.until))})`,
      ].join('')
  }
}
