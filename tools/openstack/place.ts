/** Where a real OpenStack is: as `openrc` says it. */

import type { Place } from './client.ts'

const { OS_AUTH_URL, OS_REGION_NAME = '', OS_USERNAME, OS_PROJECT_NAME, OS_PASSWORD } = process.env
if (OS_AUTH_URL === undefined || OS_USERNAME === undefined || OS_PROJECT_NAME === undefined || OS_PASSWORD === undefined) {
  console.error('Source an openrc first: OS_AUTH_URL, OS_USERNAME, OS_PROJECT_NAME and OS_PASSWORD say where OpenStack is')
  process.exit(2)
}

export const place: Place = {
  provider: `${OS_AUTH_URL};${OS_REGION_NAME}`,
  credentials: { user: `${OS_USERNAME}+${OS_PROJECT_NAME}`, password: OS_PASSWORD },
}
