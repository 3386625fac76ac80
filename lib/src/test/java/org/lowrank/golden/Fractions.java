package org.lowrank.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import org.ejml.data.DMatrixRMaj;

/** Matrices of exact fractions, such as 3/4, -7, NaN or -1+2^-40, as float64. */
public final class Fractions {

    private Fractions() {}

    /** Rows of fractions in the form {@code [[1/2, 3], [0, -1]]}, quoted or not. */
    public static DMatrixRMaj matrix(String text) {
        String inner = text.replaceAll("[\"\\s]", "");
        inner = inner.substring(1, inner.length() - 1);
        if (inner.isEmpty()) {
            return new DMatrixRMaj(0, 0);
        }
        String[] rows = inner.substring(1, inner.length() - 1).split("\\],\\[");
        var matrix = new DMatrixRMaj(rows.length, rows[0].split(",").length);
        for (int i = 0; i < rows.length; i++) {
            String[] cells = rows[i].split(",");
            for (int j = 0; j < cells.length; j++) {
                matrix.set(i, j, value(cells[j]));
            }
        }
        return matrix;
    }

    /** As {@link #matrix(String)}, of a JSON array of arrays or of its text. */
    public static DMatrixRMaj matrix(JsonNode node) {
        return matrix(node.isTextual() ? node.asText() : node.toString());
    }

    /** One number. */
    public static double value(String text) {
        if (text.equals("NaN")) {
            return Double.NaN;
        }
        int power = text.indexOf("+2^");
        if (power >= 0) {
            int exponent = Integer.parseInt(text.substring(power + 3));
            return value(text.substring(0, power)) + Math.scalb(1.0, exponent);
        }
        String[] parts = text.split("/");
        var numerator = new BigDecimal(parts[0]);
        return parts.length == 1
                ? numerator.doubleValue()
                : numerator.divide(new BigDecimal(parts[1]), MathContext.DECIMAL128).doubleValue();
    }
}
