import { config } from 'zod/v4/core';
import { en } from 'zod/v4/locales';

// zod's small build has no words of its own: without this every issue would read 'Invalid input'. One language, because
// all of them would double each function's bundle.
config(en());

export { z } from 'zod/mini';
