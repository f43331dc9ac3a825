import { lineHasValue, type OnLine } from './line.ts'
import { type LineAnswer, numberAnswer, timeAnswer } from './line-answers.ts'
import { plainNumber, type Read, readInstant, readNumber, readWord } from './read-text.ts'
import type { Answered, ValueTest } from './value-test.ts'

type Part = Extract<ValueTest, { kind: 'part' }>

/** Whether some text can give all these answers; no is certain. */
export function textHasAnswers(answered: readonly Answered[]): boolean {
  for (const { test, holds } of answered) {
    if (!holds || test.kind !== 'equals' || typeof test.value !== 'string') continue
    // It is this text and no other.
    const text = test.value
    return answered.every((other) => {
      const found = answerOf(text, other.test)
      return found === undefined || found === other.holds
    })
  }
  if (answered.some(({ test, holds }) => test.kind === 'exists' && !holds)) return false
  // No text reads as two of these.
  const readings = new Set(answered.flatMap(({ test, holds }) => (holds ? (readingOf(test) ?? []) : [])))
  if (readings.size > 1) return false
  const words = new Set(
    answered.flatMap(({ test, holds }) => (holds && test.kind === 'equals' ? [test.value] : [])),
  )
  if (readings.has('word') && words.size > 1) return false
  if (readings.has('number') && !lineOf(answered, numberAnswer, 'value')) return false
  if (readings.has('time')) {
    if (!lineOf(answered, timeAnswer, 'value') || !lineOf(answered, timeAnswer, 'distance')) return false
  }
  return partsFit(answered)
}

/** As what a text must read for the test to hold. */
function readingOf(test: ValueTest): 'number' | 'time' | 'word' | undefined {
  switch (test.kind) {
    case 'below':
    case 'above':
      return 'number'
    case 'before':
    case 'after':
    case 'relative':
      return 'time'
    case 'equals':
      return typeof test.value === 'number' ? 'number' : typeof test.value === 'boolean' ? 'word' : undefined
    case 'exists':
    case 'part':
    case 'reference':
      return undefined
  }
}

/** Equality with a text is left out: a number or a time has many spellings. */
function lineOf(
  answered: readonly Answered[],
  answer: (test: ValueTest) => LineAnswer,
  line: 'value' | 'distance',
): boolean {
  const all = answered.flatMap(({ test, holds }): readonly OnLine[] => {
    if (test.kind === 'equals' && typeof test.value === 'string') return []
    const found = answer(test)
    return typeof found === 'object' && found.line === line ? [{ ...found, holds }] : []
  })
  return lineHasValue(all, false)
}

/** What one text answers; undefined where it is not known. */
function answerOf(text: string, test: ValueTest): boolean | undefined {
  switch (test.kind) {
    case 'exists':
      return true
    case 'equals':
      return equalsText(text, test.value)
    case 'below':
    case 'above':
      return onLine(readNumber(text), numberAnswer(test))
    case 'before':
    case 'after':
      return onLine(readInstant(text), timeAnswer(test))
    case 'relative':
      return readInstant(text) === 'none' ? false : undefined
    case 'part':
      return test.how === 'contains'
        ? text.includes(test.text)
        : test.how === 'starts'
          ? text.startsWith(test.text)
          : text.endsWith(test.text)
    case 'reference':
      return undefined
  }
}

function equalsText(text: string, value: string | number | boolean): boolean | undefined {
  if (typeof value === 'string') return text === value
  if (typeof value === 'boolean') return readWord(text) === String(value)
  const [left, right] = [readNumber(text), plainNumber(value)]
  if (left === 'none') return false
  return left === 'unclear' || right === 'unclear' ? undefined : left === right
}

function onLine(read: Read, answer: LineAnswer): boolean | undefined {
  if (read === 'none') return false
  return read === 'unclear' || typeof answer !== 'object' ? undefined : answer.has(read)
}

/**
 * Beginnings and ends must fit each other, and what is there must not hold what must not be there; whatever the value
 * is, its parts are those of one text.
 */
export function partsFit(answered: readonly Answered[]): boolean {
  const parts = (holds: boolean): readonly Part[] =>
    answered.flatMap((one) => (one.holds === holds && one.test.kind === 'part' ? [one.test] : []))
  const present = parts(true)
  const texts = (how: Part['how']): readonly string[] =>
    present.filter((part) => part.how === how).map(({ text }) => text)
  const nested = (all: readonly string[], has: (whole: string, part: string) => boolean): boolean =>
    all.every((one) => all.every((other) => has(one, other) || has(other, one)))
  if (!nested(texts('starts'), (whole, part) => whole.startsWith(part))) return false
  if (!nested(texts('ends'), (whole, part) => whole.endsWith(part))) return false
  return parts(false).every(
    (absent) => absent.text !== '' && !present.some((part) => bringsAlong(part, absent)),
  )
}

function bringsAlong(part: Part, other: Part): boolean {
  if (other.how === 'contains') return part.text.includes(other.text)
  if (part.how !== other.how) return false
  return part.how === 'starts' ? part.text.startsWith(other.text) : part.text.endsWith(other.text)
}
