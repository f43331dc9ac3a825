import { lineHasValue, type OnLine } from './line.ts'
import { type LineAnswer, numberAnswer, timeAnswer } from './line-answers.ts'
import { readWord } from './read-text.ts'
import { partsFit, textHasAnswers } from './text-has-answers.ts'
import type { Answered, Subject, ValueKind, ValueTest } from './value-test.ts'

/**
 * Whether some value can give all these answers. No is certain; yes may be wrong where texts of numbers and times,
 * references or very large numbers are asked for.
 */
export function valueHasAnswers(subject: Subject, answered: readonly Answered[]): boolean {
  const always = (subject.always ?? []).map((test) => ({ test, holds: true }))
  return subject.kinds.some((kind) =>
    kindHasAnswers(kind, kind === 'missing' ? answered : [...always, ...answered]),
  )
}

function kindHasAnswers(kind: ValueKind, answered: readonly Answered[]): boolean {
  switch (kind) {
    case 'missing':
      return answered.every(({ holds }) => !holds)
    case 'text':
      return textHasAnswers(answered)
    case 'number':
    case 'integer':
      return partsFit(answered) && linesHaveAnswers(answered, numberAnswer, kind === 'integer')
    case 'boolean':
      return partsFit(answered) && ['true', 'false'].some((word) => wordHasAnswers(word, answered))
    case 'timestamp':
      return partsFit(answered) && linesHaveAnswers(answered, timeAnswer, false)
  }
}

function linesHaveAnswers(
  answered: readonly Answered[],
  answer: (test: ValueTest) => LineAnswer,
  integers: boolean,
): boolean {
  const lines: Record<'value' | 'distance', OnLine[]> = { value: [], distance: [] }
  for (const { test, holds } of answered) {
    const found = answer(test)
    if (found === 'free') continue
    if (typeof found === 'boolean') {
      if (found !== holds) return false
    } else lines[found.line].push({ ...found, holds })
  }
  // A time and its distance from an instant that may be any are independent.
  return lineHasValue(lines.value, integers) && lineHasValue(lines.distance, false)
}

function wordHasAnswers(word: string, answered: readonly Answered[]): boolean {
  return answered.every(({ test, holds }) => {
    const found = wordAnswer(test, word)
    return found === undefined || found === holds
  })
}

/** Undefined where it is not known. */
function wordAnswer(test: ValueTest, word: string): boolean | undefined {
  switch (test.kind) {
    case 'exists':
      return true
    case 'equals':
      return typeof test.value !== 'number' && readWord(String(test.value)) === word
    case 'below':
    case 'above':
    case 'before':
    case 'after':
    case 'relative':
      return false
    case 'part':
    case 'reference':
      return undefined
  }
}
