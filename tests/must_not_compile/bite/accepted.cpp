// expect: no matter
// complaint: compiles, and must not
int main() {}
