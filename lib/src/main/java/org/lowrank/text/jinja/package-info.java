/**
 * Chat templates: Jinja as Python's jinja2 and transformers set it up (blocks trimmed, loop
 * controls, the generation tag, a sandbox), equal to the byte or refused by name and line.
 *
 * <p>Templates are programs of strangers. They see the values that they are given and nothing else:
 * there is no way from a value to a Java object, a class or a file, and steps, depth and output are
 * bounded. The engine is own code because the JVM's engine for Jinja (jinjava) computes with Java's
 * values: it writes {@code true} for {@code True}, drops trailing blanks and lacks string methods,
 * slices with a step and loop variables, and rendered 2 of 12 published templates alike.
 *
 * <p>Not for: inheritance, includes, translations, escaping by context.
 *
 * <p>May import: no other room.
 */
package org.lowrank.text.jinja;
