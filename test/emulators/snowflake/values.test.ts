import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { floatToNumber, floatToText, textToFloat, textToMicros, variantToText } from './values/conversions.ts'
import { binary, decimalOf, rounded, shortest } from './values/decimals.ts'
import { parseJson } from './values/json-text.ts'

describe('decimals', () => {
  test('halves go away from zero, and what does not fit is nothing', () => {
    const to = (text: string, precision: number, scale: number): string | undefined =>
      rounded(decimalOf(text), precision, scale)
    expect([
      to('2.5', 38, 0),
      to('-2.5', 38, 0),
      to('1.005', 38, 2),
      to('-0.4', 38, 0),
      to('.5', 2, 1),
    ]).toEqual(['3', '-3', '1.01', '0', '0.5'])
    expect([to('999.5', 3, 0), to('12', 3, 2), to('-9.99', 3, 2)]).toEqual([undefined, undefined, '-9.99'])
  })

  test('both readings of a double are that double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        for (const { digits, scale } of [shortest(value), binary(value)])
          expect(Number(`${digits}e${-scale}`)).toBe(value === 0 ? 0 : value)
      }),
    )
  })

  test('a double is rounded only where both readings agree', () => {
    expect(floatToNumber(19.99, 38, 9)).toBe('19.990000000')
    expect(floatToNumber(2.5, 38, 0)).toBe('3')
    expect(() => floatToNumber(123456789012.34567, 38, 9)).toThrow('not modelled')
    expect([floatToNumber(1.005, 38, 2), floatToNumber(0.00045, 38, 4)]).toEqual(['1.01', '0.0005'])
    expect(() => floatToNumber(Number.NaN, 38, 0)).toThrow('out of range')
  })
})

describe('text', () => {
  test('a double of few digits has one text', () => {
    expect([floatToText(0.1), floatToText(-12), floatToText(-0), floatToText(123456.789)]).toEqual([
      '0.1',
      '-12',
      '0',
      '123456.789',
    ])
    for (const value of [1 / 3, 1e9, 1e-5, Number.POSITIVE_INFINITY])
      expect(() => floatToText(value)).toThrow('not modelled')
  })

  test('special values of a FLOAT', () => {
    expect([textToFloat('NaN', false), textToFloat('-INF', false), textToFloat('x', true)]).toEqual([
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      null,
    ])
    expect(() => textToFloat(' 1', true)).toThrow('not modelled')
  })

  test('a time of day, with and without its zone', () => {
    const at = (text: string, zoned: boolean): bigint | null => textToMicros(text, 9, zoned, true)
    expect(at('1970-01-01T01:00:00.000001+01:00', true)).toBe(1n)
    expect(at('1970-01-01 01:00:00 +0100', false)).toBe(3_600_000_000n)
    expect(at('1969-12-31 23:59:59.5', false)).toBe(-500_000n)
    expect([at('2026-02-29', false), at('2026-01-01 24:00:00', false), at('never', false)]).toEqual([
      null,
      null,
      null,
    ])
  })
})

describe('JSON', () => {
  test('is kept as it is written, without blanks', () => {
    expect(parseJson(' { "a b" : [ 1.50 , "x\\"]" , { } , [ ] ] }\n', false)).toBe(
      '{"a b":[1.50,"x\\"]",{},[]]}',
    )
    fc.assert(
      fc.property(fc.json(), (text) => {
        const compact = parseJson(text, true)
        if (compact !== null) expect(JSON.parse(compact)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('a key twice, at any depth', () => {
    expect(parseJson('[{"a": {"b": 1, "b": 2}}]', true)).toBeNull()
    expect(() => parseJson('{"a": 1, "\\u0061": 2}', false)).toThrow('duplicate')
  })

  test('text of a scalar', () => {
    expect([
      variantToText('"x\\n"'),
      variantToText('null'),
      variantToText('12'),
      variantToText('1.5'),
      variantToText('[1]'),
    ]).toEqual(['x\n', null, '12', '1.5', '[1]'])
    for (const number of ['1.0', '1e5', '-0']) expect(() => variantToText(number)).toThrow('not modelled')
  })
})
