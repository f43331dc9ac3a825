import { createRequire } from 'node:module'
import type { BigQuery, BigQueryOptions } from '@google-cloud/bigquery'
import type { BigqueryTarget } from '../config/config.ts'
import { problem } from '../diagnostics/problem.ts'
import { bigqueryDriver } from './bigquery-driver.ts'
import { WarehouseError } from './warehouse-error.ts'

const scopes = ['https://www.googleapis.com/auth/bigquery', 'https://www.googleapis.com/auth/cloud-platform']

/** How often what has failed for a passing reason is tried again, and how long is waited before, twice as long each time. */
export interface Retries {
  readonly times: number
  readonly firstDelaySeconds: number
}

export function retriesOf({ settings }: BigqueryTarget): Retries {
  return { times: settings.job_retries ?? 5, firstDelaySeconds: settings.job_retry_delay ?? 1 }
}

type Auth = NonNullable<BigQueryOptions['authClient']>

/**
 * The client, which is not part of personas: it is loaded from where it is installed.
 *
 * @throws {WarehouseError} it is not installed
 */
export async function openClient(target: BigqueryTarget): Promise<BigQuery> {
  const { settings } = target
  const { BigQuery } = bigqueryDriver()
  const { times, firstDelaySeconds } = retriesOf(target)
  const authClient = await authOf(target)
  return new BigQuery({
    projectId: settings.billing_project ?? settings.project,
    userAgent: 'personas',
    ...(settings.location === undefined ? {} : { location: settings.location }),
    ...(settings.api_endpoint === undefined ? {} : { apiEndpoint: settings.api_endpoint }),
    ...(authClient === undefined && settings.keyfile !== undefined ? { keyFilename: settings.keyfile } : {}),
    ...(authClient === undefined ? {} : { authClient }),
    retryOptions: {
      autoRetry: times > 0,
      maxRetries: times,
      retryDelayMultiplier: firstDelaySeconds < 1 ? Math.max(firstDelaySeconds, 0.001) : 2,
      maxRetryDelay: Math.max(firstDelaySeconds * 16, 0.001),
    },
  })
}

/** A token as it is, or a service account that whoever we are speaks for; undefined where the client finds out by itself. */
async function authOf({ settings }: BigqueryTarget): Promise<Auth | undefined> {
  const { token, impersonate_service_account: account, keyfile } = settings
  if (token === undefined && account === undefined) return undefined
  const auth = authLibrary()
  if (token !== undefined && account === undefined) return tokenClient(auth, token)
  try {
    const sourceClient =
      token === undefined
        ? await new auth.GoogleAuth({
            scopes,
            ...(keyfile === undefined ? {} : { keyFilename: keyfile }),
          }).getClient()
        : tokenClient(auth, token)
    return new auth.Impersonated({
      sourceClient,
      targetPrincipal: account ?? '',
      targetScopes: scopes,
      delegates: [],
      lifetime: 3600,
    })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new WarehouseError(problem('PSN4031', { project: settings.project, reason }), { cause })
  }
}

type AuthLibrary = typeof import('google-auth-library')

function tokenClient({ OAuth2Client }: AuthLibrary, token: string): Auth {
  const client = new OAuth2Client()
  // It is not ours to renew: whoever gave it knows how long it holds.
  client.setCredentials({ access_token: token, expiry_date: Date.now() + 24 * 3_600_000 })
  return client
}

/** What the client itself uses: installed beside it, wherever a package manager puts it. */
function authLibrary(): AuthLibrary {
  const ofClient = createRequire(createRequire(import.meta.url).resolve('@google-cloud/bigquery'))
  return createRequire(ofClient.resolve('@google-cloud/common'))('google-auth-library')
}
