import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import {
  floatToNumber,
  floatToText,
  hexToNumber,
  textToBoolean,
  textToDays,
  textToFloat,
  textToMicros,
  textToNumber,
  typeOfVariant,
  variantToFloat,
  variantToNumber,
  variantToText,
} from '../values/conversions.ts'
import { parseJson } from '../values/json-text.ts'
import { withFailure } from './failures.ts'

interface Native {
  readonly parameters: readonly DuckDBType[]
  readonly returns: DuckDBType
  /** Never called with a NULL: that gives NULL. */
  call(args: readonly DuckDBValue[]): DuckDBValue
}

const t = (value: DuckDBValue | undefined): string => String(value)
const n = (value: DuckDBValue | undefined): number => Number(value)
const b = (value: DuckDBValue | undefined): boolean => value === true

/** Conversions by name, as the binder writes them. */
const natives: Readonly<Record<string, Native>> = {
  sf_text_to_number: {
    parameters: [VARCHAR, INTEGER, INTEGER, BOOLEAN],
    returns: VARCHAR,
    call: (v) => textToNumber(t(v[0]), n(v[1]), n(v[2]), b(v[3])),
  },
  sf_float_to_number: {
    parameters: [DOUBLE, INTEGER, INTEGER],
    returns: VARCHAR,
    call: (v) => floatToNumber(n(v[0]), n(v[1]), n(v[2])),
  },
  sf_variant_to_number: {
    parameters: [VARCHAR, INTEGER, INTEGER],
    returns: VARCHAR,
    call: (v) => variantToNumber(t(v[0]), n(v[1]), n(v[2])),
  },
  sf_text_to_float: {
    parameters: [VARCHAR, BOOLEAN],
    returns: DOUBLE,
    call: (v) => textToFloat(t(v[0]), b(v[1])),
  },
  sf_variant_to_float: { parameters: [VARCHAR], returns: DOUBLE, call: (v) => variantToFloat(t(v[0])) },
  sf_float_text: { parameters: [DOUBLE], returns: VARCHAR, call: (v) => floatToText(n(v[0])) },
  sf_text_to_boolean: {
    parameters: [VARCHAR, BOOLEAN],
    returns: BOOLEAN,
    call: (v) => textToBoolean(t(v[0]), b(v[1])),
  },
  sf_text_to_micros: {
    parameters: [VARCHAR, INTEGER, BOOLEAN, BOOLEAN],
    returns: BIGINT,
    call: (v) => textToMicros(t(v[0]), n(v[1]), b(v[2]), b(v[3])),
  },
  sf_text_to_days: {
    parameters: [VARCHAR, BOOLEAN],
    returns: INTEGER,
    call: (v) => textToDays(t(v[0]), b(v[1])),
  },
  sf_variant_text: { parameters: [VARCHAR], returns: VARCHAR, call: (v) => variantToText(t(v[0])) },
  sf_parse_json: {
    parameters: [VARCHAR, BOOLEAN],
    returns: VARCHAR,
    call: (v) => parseJson(t(v[0]), b(v[1])),
  },
  sf_typeof: { parameters: [VARCHAR], returns: VARCHAR, call: (v) => typeOfVariant(t(v[0])) },
  sf_hex_to_number: {
    parameters: [VARCHAR, VARCHAR],
    returns: VARCHAR,
    call: (v) => hexToNumber(t(v[0]), t(v[1])),
  },
}

export function registerNatives(connection: DuckDBConnection): void {
  for (const [name, native] of Object.entries(natives)) {
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes: native.parameters,
        returnType: native.returns,
        specialHandling: true,
        mainFunction: (info, input, output) => {
          try {
            const columns = native.parameters.map((_, index) => input.getColumnVector(index))
            for (let row = 0; row < input.rowCount; row += 1) {
              const args = columns.map((column) => column.getItem(row))
              output.setItem(row, args.includes(null) ? null : native.call(args))
            }
            output.flush()
          } catch (error) {
            info.setError(withFailure(error))
          }
        },
      }),
    )
  }
}
