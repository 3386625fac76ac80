package org.lowrank.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a cell is a magic and what is Java. */
class MagicSyntaxTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "System.out.printf(\"step=%d loss=%.4f%n\", step, loss);",
                "f(\"a = %x\", \"=%d\");",
                "String url = \"https://example.org/?q=%C3%A4\";",
                "String t = \"\"\"\n    %d of %d\n    %classpath x\n    \"\"\";",
                "String t = \"\"\"\n%Results \\\"\"\" of the run\n\"\"\".formatted(1);",
                "int rest = n\n   %m;",
                "int total = (n\n   %m);",
                "int a = b[0]\n  %c;",
                "/* notes:\n%time\n = %x */ int a = 1;",
                "// int x = %d\nint a = 1; // %time",
                "char c = '%'; char q = '\"'; String s = \"'\";",
                "int r = a %b;",
                "r %=b;",
                "\"\\\\\" + \"= %x\"",
                "var open = \"= %x",
                "%",
                "5 % 3"
            })
    void whatIsJavaStaysAsItIs(String code) {
        assertEquals(code, MagicSyntax.toJava(code));
        assertEquals(code, MagicSyntax.withoutMagics(code));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%note a b",
                "int x = 1;\n  %note a b",
                "void f() { }\n// why\n/* and */\n%note a b",
                "%first ../deps/*.jar // what\n%note a b",
                "String s = \"\"\"\n  text\n  \"\"\";\n%note a b"
            })
    void aMagicStandsWhereAStatementCanBegin(String code) {
        String java = MagicSyntax.toJava(code);
        assertEquals(
                "{ lineMagic(\"note\", java.util.List.of(\"a\", \"b\")); }",
                java.substring(java.lastIndexOf('{')));
        assertEquals(code.lines().count(), java.lines().count(), "line for line");
        assertEquals(code.length(), MagicSyntax.withoutMagics(code).length());
    }

    @Test
    void aMagicMayStandRightOfAnEqualsSign() {
        String call = "lineMagic(\"jars\", java.util.List.of(\"*.jar\"));";
        assertEquals(
                "List<String> a = " + call, MagicSyntax.toJava("List<String> a = %jars *.jar"));
        assertEquals("var a =\n    " + call, MagicSyntax.toJava("var a =\n    %jars *.jar;"));
    }

    @Test
    void aCellMagicTakesItsWholeCellAndMayHaveBlankLinesAboveIt() {
        assertEquals(
                "\n{ cellMagic(\"note\", java.util.List.of(\"x\"), \"a \\\"b\\\"\\n%c\"); }",
                MagicSyntax.toJava("\n%%note x\na \"b\"\n%c"));
        assertEquals("int a;\n%%note", MagicSyntax.toJava("int a;\n%%note"));
    }
}
