/** limner in SillyTavern: pictures that show how far they are, and all that one does with them. */
import { begin } from "./parts/extension.js";

begin();
