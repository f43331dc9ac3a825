import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findBinary } from './binary.ts'
import type { Service } from './service.ts'
import { fieldsOf, integerField, messageField, textField } from './wire.ts'

/** Of what the analyzer knows, features that BigQuery has not, or that would refuse what BigQuery takes. */
const notBigquery =
  /PROTO|SPANNER|ANONYM|DIFFERENTIAL|EXPERIMENTAL|TEST_|MACROS|GROUP_ROWS|MODULES|DISALLOW_GROUP_BY_FLOAT|TIMESTAMP_NANOS|STRICT_FUNCTION|DISABLE_|REPLACE_FIELDS|SHAPE|BRACED/

/** Features BigQuery has, which were in development when the analyzer was built and so are not among its maximum. */
const alsoBigquery = [
  'FEATURE_ALTER_COLUMN_SET_DATA_TYPE',
  'FEATURE_INTERVAL_TYPE',
  'FEATURE_TIME_BUCKET_FUNCTIONS',
  'FEATURE_V_1_3_ANNOTATION_FRAMEWORK',
  'FEATURE_V_1_3_COLLATION_SUPPORT',
  'FEATURE_V_1_4_GROUPING_BUILTIN',
  'FEATURE_V_1_4_GROUPING_SETS',
]

export interface Language {
  /** `LanguageOptionsProto`. */
  readonly language: Buffer
  /** `AnalyzerOptionsProto`, to which parameters may be added. */
  readonly analyzer: Buffer
}

/** BigQuery's language, as the analyzer's options say it. */
export async function bigqueryLanguage(service: Service): Promise<Language> {
  const binary = findBinary()
  if ('missing' in binary) throw new Error(binary.missing)
  const options = readFileSync(join(binary.protos, 'zetasql/public/options.proto'), 'utf8')
  const names = new Map(
    [...options.matchAll(/^\s+(FEATURE_\w+) = (\d+)/gm)].map(([, name = '', number]) => [
      Number(number),
      name,
    ]),
  )
  const maximum = await service.call('GetLanguageOptions', [integerField(1, true)])
  const wanted = new Set<number>()
  for (const field of fieldsOf(maximum)) {
    const number = Number(field.integer)
    if (field.number === 5 && !notBigquery.test(names.get(number) ?? 'EXPERIMENTAL')) wanted.add(number)
  }
  for (const [number, name] of names) if (alsoBigquery.includes(name)) wanted.add(number)
  const external = 1
  const language = Buffer.concat([
    integerField(2, 0),
    integerField(3, external),
    ...[...wanted].map((number) => integerField(5, number)),
    textField(8, 'QUALIFY'),
  ])
  const oneLine = 1
  const analyzer = Buffer.concat([
    messageField(1, [language]),
    integerField(6, oneLine),
    textField(7, 'UTC'),
    integerField(9, false),
  ])
  return { language, analyzer }
}
