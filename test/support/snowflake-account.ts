import type { SnowflakeTarget } from '../../src/config/config.ts'

const { env } = process

function given<K extends string>(key: K, variable: string): { readonly [key in K]?: string } {
  const value = env[variable]
  const found: { [key in K]?: string } = {}
  if (value !== undefined) Object.assign(found, { [key]: value })
  return found
}

/** An account to run the tests on in place of the simulated one; undefined where the environment names none. */
export const realSnowflake: SnowflakeTarget['settings'] | undefined =
  env.SNOWFLAKE_ACCOUNT === undefined
    ? undefined
    : {
        account: env.SNOWFLAKE_ACCOUNT,
        username: env.SNOWFLAKE_USER ?? '',
        warehouse: env.SNOWFLAKE_WAREHOUSE ?? '',
        database: env.SNOWFLAKE_DATABASE ?? '',
        ...given('role', 'SNOWFLAKE_ROLE'),
        ...given('password', 'SNOWFLAKE_PASSWORD'),
        ...given('token', 'SNOWFLAKE_TOKEN'),
        ...given('private_key_path', 'SNOWFLAKE_PRIVATE_KEY_PATH'),
        ...given('private_key_passphrase', 'SNOWFLAKE_PRIVATE_KEY_PASSPHRASE'),
      }
