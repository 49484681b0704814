/** On PostgreSQL, too, the simulator does what its model does. */

import '../test/model-based/model.test.ts'
