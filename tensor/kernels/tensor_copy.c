/* Copying tensors: the call of tensor.h, which takes any, in front of the kernel, which takes those that fit. */
#include "kernels.h"
#include "layout.h"

bool eddy_tensor_copy(const eddy_tensor *to, const eddy_tensor *from, eddy_status *status)
{
    if (!eddy_check_tensor("eddy_tensor_copy", to, status) || !eddy_check_tensor("eddy_tensor_copy", from, status))
        return false;
    if (!eddy_shape_equal(&to->shape, &from->shape))
        return eddy_status_fail(
            status,
            "eddy_tensor_copy: the shape to copy to is %s and the shape to copy from is %s; they must be "
            "equal (broadcast first)",
            eddy_shape_format(&to->shape).text, eddy_shape_format(&from->shape).text);
    if (eddy_tensor_count(from) > 0)
        eddy_kernels()->copy(from, to);
    return true;
}
