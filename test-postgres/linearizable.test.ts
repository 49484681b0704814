/** On two servers of one database, too, calls at the same time are as calls in some order. */

import '../test/model-based/linearizable.test.ts'
